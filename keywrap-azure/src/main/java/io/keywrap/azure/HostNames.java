package io.keywrap.azure;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/** Which hosts have an address. */
interface HostNames {
    /** Whether a host has one. Blocks. */
    boolean isKnown(String host);

    /** By the name service of this machine. */
    static boolean bySystem(String host) {
        try {
            return InetAddress.getAllByName(host).length > 0;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** The host in a URL. */
    static String of(String url) {
        return URI.create(url).getHost();
    }
}
