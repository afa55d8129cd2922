package com.example.consumer;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/**
 * Loads every class of the jars that are named, with all that its members mention, and then runs {@code Use} where there is
 * one. What only optional dependencies would bring may be missing, and is named.
 */
public final class Linked {
    private static final Set<String> OPTIONAL = Arrays.stream(
                    System.getProperty("keywrap.optional", "").split(","))
            .filter(prefix -> !prefix.isEmpty())
            .collect(Collectors.toSet());

    private Linked() {}

    public static void main(String[] jars) throws Exception {
        int linked = 0;
        Set<String> without = new TreeSet<>();
        for (String jar : jars) {
            for (String name : classes(jar)) {
                try {
                    link(Class.forName(name, false, Linked.class.getClassLoader()));
                    linked++;
                } catch (NoClassDefFoundError missing) {
                    without.add(optional(missing));
                }
            }
        }
        System.out.print(linked + " classes" + (without.isEmpty() ? "" : ", without " + String.join(" ", without)));
        try {
            Class<?> use = Class.forName("com.example.consumer.Use");
            use.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } catch (ClassNotFoundException none) {
            return;
        } catch (InvocationTargetException failed) {
            failed.getCause().printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private static void link(Class<?> type) {
        type.getDeclaredFields();
        type.getDeclaredMethods();
        type.getDeclaredConstructors();
        type.getDeclaredClasses();
    }

    private static String optional(NoClassDefFoundError missing) {
        String name = missing.getMessage();
        return OPTIONAL.stream()
                .filter(name::startsWith)
                .findFirst()
                .map(prefix -> prefix.substring(0, prefix.length() - 1).replace('/', '.'))
                .orElseThrow(() -> missing);
    }

    private static List<String> classes(String jar) throws Exception {
        List<String> names = new ArrayList<>();
        try (JarFile file = new JarFile(jar)) {
            file.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .forEach(name -> names.add(name.substring(0, name.length() - 6).replace('/', '.')));
        }
        return names;
    }
}
