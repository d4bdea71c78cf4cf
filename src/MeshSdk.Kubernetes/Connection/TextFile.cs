namespace MeshSdk.Kubernetes.Connection;

/// <summary>Reads the small files that configurations are made of.</summary>
internal static class TextFile
{
    /// <exception cref="ConnectionException">The file cannot be read; the message names it.</exception>
    public static async ValueTask<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConnectionException($"{path} cannot be read: {fault.Message}", fault);
        }
    }
}
