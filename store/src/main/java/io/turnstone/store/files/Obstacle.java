package io.turnstone.store.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Why files cannot be used, in the words of somebody who can do something about it.
 *
 * @param what is in the way
 * @param remedy what to do
 */
public record Obstacle(String what, String remedy) {

    private static final String READ_ONLY = "Read-only file system";

    /** What Java calls a user that the system has a number for and no name, as in many containers. */
    private static final String UNNAMED = "?";

    private static final String OWNER_OR_DISK = "check the disk, and who owns the files";

    /** What an error says. */
    public static Obstacle of(Exception error) {
        Throwable cause = error.getCause() instanceof IOException io ? io : error;
        if (cause instanceof AccessDeniedException denied && denied.getFile() != null) {
            return denied(Path.of(denied.getFile()).toAbsolutePath());
        }
        if (cause instanceof NoSuchFileException missing) {
            return new Obstacle(missing.getFile() + " is missing", OWNER_OR_DISK);
        }
        if (cause instanceof NotDirectoryException file) {
            return new Obstacle(file.getFile() + " is not a folder", "name a folder");
        }
        if (cause instanceof FileSystemException failed && failed.getReason() != null) {
            return new Obstacle(failed.getFile() + ": " + failed.getReason(), remedy(failed.getReason()));
        }
        return new Obstacle(String.valueOf(error), OWNER_OR_DISK);
    }

    /** Whether it says that nothing can be written where the file is. */
    static boolean readOnly(FileSystemException error) {
        return READ_ONLY.equals(error.getReason());
    }

    private static String remedy(String reason) {
        return switch (reason) {
            case READ_ONLY -> "mount it for writing";
            case "No space left on device" -> "make room";
            case "Not a directory" -> "a part of that path is a file; name a folder";
            case "Too many open files" -> "raise the limit (ulimit -n)";
            default -> OWNER_OR_DISK;
        };
    }

    /** Whoever may not enter a folder is told of what lies deep in it that it may not be used. */
    private static Obstacle denied(Path path) {
        Path at = Objects.requireNonNullElse(path.getRoot(), path);
        for (Path part : path) {
            if (Files.isDirectory(at) && !Files.isExecutable(at)) {
                return denied("enter", at);
            }
            at = at.resolve(part);
        }
        boolean write = Files.isReadable(at) || Files.notExists(at, LinkOption.NOFOLLOW_LINKS);
        return denied(write ? "write" : "read", at);
    }

    private static Obstacle denied(String verb, Path path) {
        String name = System.getProperty("user.name", UNNAMED);
        boolean named = !name.equals(UNNAMED);
        return new Obstacle(
                (named ? "user " + name : "this user") + " may not " + verb + " " + path + owner(path),
                "run it as its owner, or give " + (named ? name : "this user") + " the right to");
    }

    private static String owner(Path path) {
        Path there = Files.exists(path) ? path : path.getParent();
        try {
            return there == null ? "" : ", which belongs to " + Files.getOwner(there);
        } catch (IOException | UnsupportedOperationException notTold) {
            return "";
        }
    }
}
