package io.keywrap.stream;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The real file system, which says before each step, and after a move, what it does; whoever listens may make it fail. */
public final class SteppedFiles extends FileSystemProvider {
    /** Channels that are open. */
    public final Set<FileChannel> handles = ConcurrentHashMap.newKeySet();

    /** Arrays that were read into or written from; arrays are equal only to themselves. */
    final Set<byte[]> buffers = ConcurrentHashMap.newKeySet();

    private final FileSystem system = new SameSystem();
    private volatile Listener listener = what -> {};

    /** How much is read or written at once where a place is named; by one thread if it is less than all. */
    volatile int partBytes = Integer.MAX_VALUE;

    /** What closing a channel ends in, after it is closed. */
    volatile @Nullable IOException atClose;

    /** What asking for the file store ends in. */
    volatile @Nullable RuntimeException atStore;

    /** Whether its files have an owner and permissions, as all but those of Windows and of memory cards have. */
    public volatile boolean permissions = true;

    /** Whether it has no file channels, as some have none, but only streams. */
    volatile boolean streamsOnly;

    /** Is told of every step before it. */
    public interface Listener {
        void step(String what) throws IOException;
    }

    public void listener(Listener next) {
        listener = next;
    }

    void step(String what) throws IOException {
        listener.step(what);
    }

    /** A path whose every use goes through here. */
    public Path path(Path real) {
        return (Path) Proxy.newProxyInstance(
                SteppedFiles.class.getClassLoader(), new Class<?>[] {Path.class}, new Stepped(real));
    }

    private static Object real(Object object) {
        return object instanceof Proxy && Proxy.getInvocationHandler(object) instanceof Stepped stepped
                ? stepped.real
                : object;
    }

    private static Path real(Path path) {
        return (Path) real((Object) path);
    }

    private final class Stepped implements InvocationHandler {
        private final Path real;

        Stepped(Path real) {
            this.real = real;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            if (method.getName().equals("getFileSystem")) {
                return system;
            }
            Object[] unwrapped = arguments == null ? null : arguments.clone();
            for (int i = 0; unwrapped != null && i < unwrapped.length; i++) {
                unwrapped[i] = real(unwrapped[i]);
            }
            try {
                Object result = method.invoke(real, unwrapped);
                return result instanceof Path path ? path(path) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (streamsOnly) {
            throw new UnsupportedOperationException();
        }
        return opened(path, options, attributes);
    }

    private FileChannel opened(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (!permissions && attributes.length > 0) {
            throw new UnsupportedOperationException(attributes[0].name());
        }
        step("open");
        return new SteppedChannel(FileChannel.open(real(path), options, attributes), this);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return opened(path, options, attributes);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        step("move");
        Files.move(real(source), real(target), options);
        step("moved");
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.delete(real(path)); // Not a step: whoever cannot remove what is left cannot help leaving it.
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (!permissions && type == PosixFileAttributes.class) {
            throw new UnsupportedOperationException("no permissions");
        }
        step("attributes");
        return Files.readAttributes(real(path), type, options);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return permissions || type != PosixFileAttributeView.class
                ? Files.getFileAttributeView(real(path), type, options)
                : null;
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return Files.isSameFile(real(path), real(other));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        if (atStore != null) {
            throw atStore;
        }
        FileStore store = Files.getFileStore(real(path));
        return permissions ? store : new StoreWithoutPermissions(store);
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real(path).getFileSystem().provider().checkAccess(real(path), modes);
    }

    @Override
    public String getScheme() {
        return "stepped";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        step("folder");
        Files.createDirectory(real(folder), attributes);
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isHidden(Path path) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    private final class SameSystem extends FileSystem {
        @Override
        public FileSystemProvider provider() {
            return SteppedFiles.this;
        }

        @Override
        public void close() {}

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return "/";
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Path getPath(String first, String... more) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw new UnsupportedOperationException();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
