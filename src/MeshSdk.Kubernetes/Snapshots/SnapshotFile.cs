using System.Security.Cryptography;
using System.Text.Json;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>
/// The last good configuration on disk: one line of JSON, and one line with its SHA-256, by which a file that was cut short or damaged is told
/// from a whole one. It never holds Secrets, nor annotations but the few of pods that a mesh has put there, and that of authorization policies that says
/// whether they are in force.
/// </summary>
/// <param name="directory">See <see cref="PrivateDirectory"/>.</param>
internal sealed class SnapshotFile(string directory)
{
    /// <summary>Longer ones are neither written nor read.</summary>
    public const long MaximumLength = 64 << 20;

    private const byte NewLine = (byte)'\n';
    private static readonly JsonWriterOptions Writing = new() { Indented = false };

    private const string TemporaryPrefix = ".mesh-snapshot-";
    private const string TemporarySuffix = ".tmp";

    public string Path { get; } = System.IO.Path.Combine(directory, "mesh-snapshot.json");

    /// <summary>
    /// Deletes what processes have left behind that ended while they wrote. One that is being written by another process is locked, and stays.
    /// </summary>
    public void DeleteLeftovers()
    {
        foreach (var leftover in Directory.EnumerateFiles(directory, $"{TemporaryPrefix}*{TemporarySuffix}"))
        {
            try
            {
                using (new FileStream(leftover, FileMode.Open, FileAccess.Write, FileShare.None))
                {
                    File.Delete(leftover);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It takes up room and does no other harm.
            }
        }
    }

    /// <summary>Replaces the file: readers, and the next start after a crash, find the old one or the new one.</summary>
    /// <exception cref="IOException">It cannot be written, or would be too long; the old one is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; the old one is still there.</exception>
    /// <returns>How long it is, in bytes.</returns>
    public long Write(SnapshotContent content)
    {
        var temporary = System.IO.Path.Combine(directory, $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 16 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            long length;
            using (var file = new FileStream(temporary, options))
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                using (var body = new HashingStream(file, hash, MaximumLength))
                {
                    WriteBody(body, content);
                }

                file.WriteByte(NewLine);
                file.Write(Convert.ToHexStringLower(hash.GetHashAndReset()).Select(static c => (byte)c).ToArray());
                file.WriteByte(NewLine);
                length = file.Position;
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path, overwrite: true);
            return length;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads the file as it is, whoever it is from.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="SnapshotException">It is not safe to read, see <see cref="PrivateDirectory"/>.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public SnapshotContent? Read()
    {
        if (!File.Exists(Path) && new FileInfo(Path).LinkTarget is null)
        {
            return null;
        }

        PrivateDirectory.Check(Path, "file");
        var bytes = ReadWhole();
        var end = bytes.AsSpan().IndexOf(NewLine);
        if (end < 0 || !bytes.AsSpan(end + 1).SequenceEqual([.. Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, end))).Select(static c => (byte)c), NewLine]))
        {
            throw new InvalidDataException("it is damaged or was cut short");
        }

        try
        {
            var document = JsonSerializer.Deserialize(bytes.AsSpan(0, end), SnapshotJsonContext.Default.SnapshotDocument);
            return document?.Schema == SnapshotDocument.CurrentSchema
                ? ContentOf(document)
                : throw new InvalidDataException($"it has the format {document?.Schema}, and this version reads {SnapshotDocument.CurrentSchema}");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message}", e);
        }
    }

    private byte[] ReadWhole()
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        if (file.Length > MaximumLength + SHA256.HashSizeInBytes * 2 + 2)
        {
            throw new InvalidDataException($"it is longer than {MaximumLength >> 20} MB");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static void WriteBody(Stream stream, SnapshotContent content)
    {
        using var json = new Utf8JsonWriter(stream, Writing);
        json.WriteStartObject();
        json.WriteNumber("schema", SnapshotDocument.CurrentSchema);
        json.WriteString("server", content.Server);
        json.WriteString("namespace", content.Namespace);
        json.WriteString("time", content.Time);
        json.WriteStartArray("sets");
        foreach (var set in content.Sets)
        {
            WriteSet(json, set);
            json.Flush();
        }

        json.WriteEndArray();
        json.WriteStartArray("unknown");
        foreach (var scope in content.Unknown)
        {
            JsonSerializer.Serialize(json, new SavedScope(scope.Kind, scope.Namespace, scope.Name, scope.Reason), SnapshotJsonContext.Default.SavedScope);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSet(Utf8JsonWriter json, SnapshotSet set)
    {
        var kind = WatchedKinds.Find(set.Key.Resource, set.Key.FieldSelector)!.Target.Kind;
        json.WriteStartObject();
        json.WriteString("resource", set.Key.Resource);
        json.WriteString("namespace", set.Key.Namespace);
        json.WriteString("labelSelector", set.Key.LabelSelector);
        json.WriteString("fieldSelector", set.Key.FieldSelector);
        json.WriteString("service", set.Service?.Name);
        json.WriteString("asOf", set.AsOf);
        json.WriteStartArray("objects");
        foreach (var resource in set.Objects)
        {
            // Of authorization policies one annotation says that they are not in force.
            var bare = resource.Metadata.Annotations is null || resource is Pod or AuthorizationPolicy
                ? resource
                : resource with { Metadata = resource.Metadata with { Annotations = null } };
            JsonSerializer.Serialize(json, bare, kind.TypeInfo);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static SnapshotContent ContentOf(SnapshotDocument document) => new(
        document.Server ?? "",
        document.Namespace ?? "",
        document.Time,
        [.. (document.Sets ?? []).Select(SetOf)],
        [.. (document.Unknown ?? []).Select(static scope => new UnknownScope(scope.Kind, scope.Namespace, scope.Name, scope.Reason))]);

    private static SnapshotSet SetOf(SavedSet set)
    {
        var kind = WatchedKinds.Find(set.Resource ?? "", set.FieldSelector)?.Target.Kind ?? throw new InvalidDataException($"it holds {set.Resource}, which this version does not know");
        return new SnapshotSet(
            new SetKey(set.Resource!, set.Namespace, set.LabelSelector, set.FieldSelector),
            set is { Service: { } service, Namespace: { } ns } ? new ServiceId(ns, service) : null,
            set.AsOf,
            [.. (set.Objects ?? []).Select(json => (Resource?)json.Deserialize(kind.TypeInfo) ?? throw new InvalidDataException("it holds a null for an object"))]);
    }
}
