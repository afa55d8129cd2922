package io.keywrap.onboarding;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Which principals of the vendor are to have which roles on one KEK: what the policies of all clouds are made from.
 *
 * <p><b>Shape and units:</b> a principal is written as its cloud names it; the adapter of the cloud checks it when it makes a
 * policy. The order in which principals are added does not matter.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class VendorAccess {
    private final SortedMap<PolicyRole, SortedSet<String>> principals;
    private final boolean status;

    private VendorAccess(Map<PolicyRole, SortedSet<String>> principals, boolean status) {
        this.principals = Collections.unmodifiableSortedMap(new TreeMap<>(principals));
        this.status = status;
    }

    /**
     * One principal in one role.
     *
     * @param role the role
     * @param principal such as {@code arn:aws:iam::444455556666:role/backup}
     * @return the access
     * @throws IllegalArgumentException if the principal is blank
     */
    public static VendorAccess of(PolicyRole role, String principal) {
        return new VendorAccess(Map.of(), false).and(role, principal);
    }

    /**
     * The same, and one role more.
     *
     * @param role the role
     * @param principal who is to have it too
     * @return a new access
     * @throws IllegalArgumentException if the principal is blank
     */
    public VendorAccess and(PolicyRole role, String principal) {
        if (principal.isBlank()) {
            throw new IllegalArgumentException("the principal of the role " + role + " is blank");
        }
        Map<PolicyRole, SortedSet<String>> more = new EnumMap<>(PolicyRole.class);
        more.putAll(principals);
        SortedSet<String> ofRole = new TreeSet<>(principals(role));
        ofRole.add(principal);
        more.put(role, Collections.unmodifiableSortedSet(ofRole));
        return new VendorAccess(more, status);
    }

    /**
     * The same, with {@link KekOperation#STATUS} in every role. A host that may read the state of a KEK can say why it is refused:
     * disabled, or to be deleted on which day.
     *
     * @return a new access
     */
    public VendorAccess withStatus() {
        return new VendorAccess(principals, true);
    }

    /**
     * The same, with every principal in the form that its cloud has for it.
     *
     * @param form gives the form of a principal, or fails for what is none
     * @return a new access
     */
    public VendorAccess inForm(UnaryOperator<String> form) {
        Map<PolicyRole, SortedSet<String>> formed = new EnumMap<>(PolicyRole.class);
        principals.forEach((role, ofRole) -> {
            SortedSet<String> all = new TreeSet<>();
            ofRole.forEach(principal -> all.add(form.apply(principal)));
            formed.put(role, Collections.unmodifiableSortedSet(all));
        });
        return new VendorAccess(formed, status);
    }

    /**
     * The roles that somebody is to have.
     *
     * @return one or more, in the order of the enum
     */
    public Set<PolicyRole> roles() {
        return principals.keySet();
    }

    /**
     * Who is to have a role.
     *
     * @param role the role
     * @return the principals, sorted; empty if nobody is
     */
    public SortedSet<String> principals(PolicyRole role) {
        return principals.getOrDefault(role, Collections.emptySortedSet());
    }

    /**
     * What a role may do here.
     *
     * @param role the role
     * @return its operations, with the status if that was asked for
     */
    public Set<KekOperation> operations(PolicyRole role) {
        Set<KekOperation> operations = EnumSet.copyOf(role.operations());
        if (status) {
            operations.add(KekOperation.STATUS);
        }
        return Collections.unmodifiableSet(operations);
    }

    /**
     * What each principal may do, by all of its roles together.
     *
     * @return an unmodifiable map, sorted by principal
     */
    public SortedMap<String, Set<KekOperation>> operationsByPrincipal() {
        SortedMap<String, Set<KekOperation>> all = new TreeMap<>();
        principals.forEach((role, ofRole) ->
                ofRole.forEach(principal -> all.computeIfAbsent(principal, none -> EnumSet.noneOf(KekOperation.class))
                        .addAll(operations(role))));
        return Collections.unmodifiableSortedMap(all);
    }

    /**
     * Who has what.
     *
     * @return such as {@code VendorAccess[{BACKUP=[…]}]}
     */
    @Override
    public String toString() {
        return "VendorAccess[" + principals + (status ? ", with status" : "") + "]";
    }
}
