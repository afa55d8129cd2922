package io.keywrap.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** The modules of the build, read from its poms, so that a new one is found without being named anywhere else. */
final class Reactor {
    static final Path ROOT = Path.of(System.getProperty("keywrap.root"));

    private Reactor() {}

    /** All modules whose jar goes to the repository. */
    static List<Module> published() throws Exception {
        return modules().stream().filter(Module::isPublished).toList();
    }

    static List<Module> modules() throws Exception {
        List<Module> modules = new ArrayList<>();
        for (Element module : children(child(pom(ROOT), "modules").orElseThrow(), "module")) {
            modules.add(new Module(ROOT.resolve(module.getTextContent().trim())));
        }
        return modules;
    }

    static Element pom(Path folder) throws IOException {
        return xml(folder.resolve("pom.xml"));
    }

    static Element xml(Path file) throws IOException {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(Files.newInputStream(file))
                    .getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(file.toString(), e);
        }
    }

    static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    static Optional<Element> child(Element parent, String... names) {
        Optional<Element> at = Optional.of(parent);
        for (String name : names) {
            at = at.flatMap(element -> children(element, name).stream().findFirst());
        }
        return at;
    }

    static Optional<String> text(Element parent, String... names) {
        return child(parent, names).map(element -> element.getTextContent().trim());
    }

    /** One module. */
    record Module(Path folder) {
        String artifactId() {
            return text(pomUnchecked(), "artifactId").orElseThrow();
        }

        boolean isPublished() {
            Element pom = pomUnchecked();
            boolean jar = text(pom, "packaging").orElse("jar").equals("jar");
            boolean skipped =
                    text(pom, "properties", "maven.deploy.skip").orElse("false").equals("true");
            return jar && !skipped;
        }

        Path classes() {
            return folder.resolve("target/classes");
        }

        /** The names of its classes, those without a package left out. */
        List<String> classNames() throws IOException {
            try (Stream<Path> files = Files.walk(classes())) {
                return files.map(file -> classes().relativize(file).toString())
                        .filter(name -> name.endsWith(".class") && name.contains("/"))
                        .filter(name -> !name.endsWith("package-info.class"))
                        .map(name -> name.substring(0, name.length() - ".class".length())
                                .replace('/', '.'))
                        .sorted()
                        .toList();
            }
        }

        private Element pomUnchecked() {
            try {
                return pom(folder);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
