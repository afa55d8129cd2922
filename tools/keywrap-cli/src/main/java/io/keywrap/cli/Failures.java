package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine.ParameterException;

/** Says on standard error what failed: a line for people, or JSON. */
final class Failures {
    /** What Linux and macOS say where there is no more room, or no more is allowed. */
    private static final Set<String> FULL =
            Set.of("No space left on device", "Disk quota exceeded", "Disc quota exceeded", "File too large");

    private final Host host;
    private final boolean json;
    private final boolean verbose;

    Failures(Host host, boolean json, boolean verbose) {
        this.host = host;
        this.json = json;
        this.verbose = verbose;
    }

    boolean json() {
        return json;
    }

    /** Reports a failure and gives its exit code. */
    int report(Throwable failure) {
        if (json) {
            host.err().println(Json.print(toJson(failure, verbose)));
        } else {
            if (failure instanceof TreeException tree) {
                tree.failures().forEach(f -> line(f.path() + ": " + message(f.cause())));
            }
            line(message(failure));
        }
        if (verbose && !json) {
            failure.printStackTrace(host.err());
        }
        host.err().flush();
        return ExitCode.of(failure);
    }

    private void line(String message) {
        host.err().println("keywrap: " + Host.visible(message));
    }

    private static JsonObject toJson(Throwable failure, boolean verbose) {
        JsonObject error = describe(failure);
        if (verbose) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace, true));
            error.addProperty("trace", trace.toString());
        }
        if (failure instanceof TreeException tree) {
            error.add("failures", Json.objects(tree.failures(), f -> {
                JsonObject one = describe(f.cause());
                one.addProperty("path", f.path());
                return one;
            }));
        }
        JsonObject object = new JsonObject();
        object.add("error", error);
        return object;
    }

    private static JsonObject describe(Throwable failure) {
        JsonObject error = new JsonObject();
        error.addProperty("kind", kind(failure));
        error.addProperty("message", message(failure));
        error.addProperty("exitCode", ExitCode.of(failure));
        error.addProperty("retryable", failure instanceof KeywrapException keywrap && keywrap.retryable());
        if (failure instanceof KekException kek) {
            kek.kekId().ifPresent(id -> error.addProperty("kek", id.uri()));
            kek.rawCode().ifPresent(code -> error.addProperty("code", code));
            kek.requestId().ifPresent(id -> error.addProperty("request", id));
        }
        if (failure instanceof KekRevokedException revoked) {
            error.addProperty("reason", revoked.reason().name());
            revoked.deletion().ifPresent(date -> error.addProperty("deletion", date.toString()));
        }
        return error;
    }

    static String kind(Throwable failure) {
        if (failure instanceof ParameterException) {
            return UsageException.class.getSimpleName();
        }
        return failure.getClass().getSimpleName();
    }

    static String message(Throwable failure) {
        if (failure instanceof FileSystemException file) {
            if (file.getFile() != null && String.valueOf(file.getReason()).contains("; to do: ")) {
                return file.getFile() + " cannot be written: " + file.getReason(); // as AtomicFile says it
            }
            return fileProblem(file)
                    + (file.getFile() == null ? "" : ": " + file.getFile())
                    + (file instanceof FileAlreadyExistsException ? "; to do: choose another name" : "");
        }
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return kind(failure);
        }
        if (failure instanceof ParameterException) {
            return message.lines().findFirst().orElse(message);
        }
        boolean known = failure instanceof KeywrapException
                || failure instanceof IOException
                || failure.getClass().getPackageName().equals(Failures.class.getPackageName());
        return known ? message : kind(failure) + ": " + message;
    }

    /**
     * A disk that is full, named by the file that does not fit on it: a channel does not say which file it writes. Any
     * other failure is given back as it is.
     */
    static IOException naming(Path target, IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return FULL.contains(message)
                ? new IOException(
                        target + " cannot be written: " + message + "; to do: make room there, or choose another OUT",
                        failure)
                : failure;
    }

    /** A failure of a file, for messages that name the file themselves. */
    static String problem(IOException failure) {
        return failure instanceof FileSystemException file ? fileProblem(file) : message(failure);
    }

    private static String fileProblem(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "access denied";
        }
        if (failure instanceof NotDirectoryException) {
            return "not a folder";
        }
        if (failure instanceof DirectoryNotEmptyException) {
            return "the folder is not empty";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return failure.getReason() == null ? "exists already" : failure.getReason();
        }
        return failure.getReason() == null ? "file system error" : failure.getReason();
    }
}
