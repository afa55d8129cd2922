package io.keywrap.revocation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once of each KEK that has had no canary for long: nothing is noticed of it. For one thread at a time. */
final class Lacks {
    private static final Logger LOG = LoggerFactory.getLogger(Lacks.class);
    private static final Duration LEAST = Duration.ofMinutes(10);

    /** Looks at all, each of which should have its canary within the longest interval, and tells how many it has named. */
    int check(Collection<Watch> watches, Duration longest, double stretch, long now) {
        long most = Math.max(LEAST.toNanos(), (long) (2 * longest.toNanos() * stretch));
        List<Watch> news = new ArrayList<>();
        for (Watch watch : watches) {
            Long last = watch.withCanaryAt;
            if (last == null || watch.canary != null) {
                watch.withCanaryAt = now;
                watch.toldWithout = false;
            } else if (!watch.toldWithout && !watch.asked && now - last >= most) {
                watch.toldWithout = true;
                news.add(watch);
            }
        }
        if (!news.isEmpty()) {
            LOG.warn(
                    "{} KEKs have had no canary for {}, such as version '{}' of {}: that they are withdrawn is not noticed"
                            + " until they are used; to do: see whether the KEK of the seals can be used, and which"
                            + " keychains unsealed() names",
                    news.size(),
                    Duration.ofNanos(most),
                    news.get(0).version.version(),
                    news.get(0).version.kekId());
        }
        return news.size();
    }
}
