package org.orphancleanup.user;

/** @param hash of its password or token */
public record Account(String name, String hash, Role role) {

    @Override
    public String toString() {
        return "Account[" + name + ", " + role.code() + "]";
    }
}
