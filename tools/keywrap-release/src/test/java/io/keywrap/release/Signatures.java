package io.keywrap.release;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a caller or a subclass can see of a class, a line for each member, in an order of its own. What a class that is
 * not public hands down to it counts as its own. Constants have their values: callers' code is compiled with them, and data
 * may hold them.
 */
final class Signatures {
    private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");
    private static final String INDENT = "    ";

    private Signatures() {}

    static boolean isVisible(Class<?> type) {
        boolean visible = isApi(type.getModifiers()) && !type.isAnonymousClass() && !type.isLocalClass();
        Class<?> outer = visible ? type.getDeclaringClass() : null;
        return visible && (outer == null || isVisible(outer));
    }

    static List<String> of(Class<?> type) {
        Set<String> members = new TreeSet<>();
        for (Class<?> at = type; at != null && (at == type || !isVisible(at)); at = at.getSuperclass()) {
            addMembers(at, at == type, members);
        }
        List<String> lines = new ArrayList<>();
        lines.add(header(type));
        members.forEach(member -> lines.add(INDENT + member));
        return lines;
    }

    private static void addMembers(Class<?> type, boolean itself, Set<String> members) {
        if (type.getName().startsWith("java.")) {
            return;
        }
        for (Field field : type.getDeclaredFields()) {
            if (isApi(field)) {
                members.add(deprecated(field) + modifiers(field) + shown(field.getAnnotatedType()) + " "
                        + field.getName() + value(field));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (itself && isApi(constructor)) {
                members.add(executable(constructor, "new"));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isApi(method) && !OF_EVERY_OBJECT.contains(method.getName())) {
                members.add(executable(method, shown(method.getAnnotatedReturnType()) + " " + method.getName()));
            }
        }
    }

    private static String header(Class<?> type) {
        // Some JDKs say here that a type is sealed; of all of them, by whom is what counts.
        String header = deprecated(type) + type.toGenericString().replaceFirst("\\b(non-)?sealed ", "");
        Type parent = type.getGenericSuperclass();
        if (parent != null && parent != Object.class) {
            header += " extends " + parent.getTypeName();
        }
        String interfaces =
                Stream.of(type.getGenericInterfaces()).map(Type::getTypeName).collect(Collectors.joining(", "));
        if (!interfaces.isEmpty()) {
            header += (type.isInterface() ? " extends " : " implements ") + interfaces;
        }
        return header + permits(type);
    }

    /** An enum whose constants have bodies is sealed too, by the compiler; that is nobody's business. */
    private static String permits(Class<?> type) {
        return type.isSealed() && !type.isEnum()
                ? Stream.of(type.getPermittedSubclasses())
                        .map(Class::getName)
                        .sorted()
                        .collect(Collectors.joining(", ", " permits ", ""))
                : "";
    }

    private static String deprecated(AnnotatedElement element) {
        Deprecated deprecated = element.getAnnotation(Deprecated.class);
        if (deprecated == null) {
            return "";
        }
        return deprecated.forRemoval() ? "@Deprecated(forRemoval = true) " : "@Deprecated ";
    }

    /** The value of a constant that is a number, a character, a truth value or a text. */
    private static String value(Field field) {
        Class<?> type = field.getType();
        boolean constant = Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers());
        if (!constant || !(type.isPrimitive() || type == String.class)) {
            return "";
        }
        try {
            field.setAccessible(true);
            Object value = field.get(null);
            boolean text = value instanceof String || value instanceof Character;
            return " = " + (text ? quoted(value.toString()) : value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field.toString(), e);
        }
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String executable(Executable executable, String name) {
        String parameters = Stream.of(executable.getAnnotatedParameterTypes())
                .map(Signatures::shown)
                .collect(Collectors.joining(", ", "(", ")"));
        String thrown = Stream.of(executable.getGenericExceptionTypes())
                .map(Type::getTypeName)
                .sorted()
                .collect(Collectors.joining(", "));
        String body = executable instanceof Method method && method.isDefault() ? "default " : "";
        return deprecated(executable)
                + modifiers(executable)
                + body
                + typeParameters(executable)
                + name
                + parameters
                + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String typeParameters(Executable executable) {
        if (executable.getTypeParameters().length == 0) {
            return "";
        }
        return Stream.of(executable.getTypeParameters())
                .map(Signatures::typeParameter)
                .collect(Collectors.joining(", ", "<", "> "));
    }

    private static String typeParameter(TypeVariable<?> variable) {
        String bounds = Stream.of(variable.getBounds())
                .filter(bound -> bound != Object.class)
                .map(Type::getTypeName)
                .collect(Collectors.joining(" & "));
        return bounds.isEmpty() ? variable.getName() : variable.getName() + " extends " + bounds;
    }

    /** With a question mark where null is allowed. */
    private static String shown(AnnotatedType type) {
        boolean nullable = Stream.of(type.getAnnotations())
                .anyMatch(annotation ->
                        annotation.annotationType().getSimpleName().equals("Nullable"));
        return type.getType().getTypeName() + (nullable ? "?" : "");
    }

    private static String modifiers(Member member) {
        int seen = member.getModifiers()
                & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT);
        return Modifier.toString(seen) + " ";
    }

    private static boolean isApi(Member member) {
        return isApi(member.getModifiers()) && !member.isSynthetic();
    }

    private static boolean isApi(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}
