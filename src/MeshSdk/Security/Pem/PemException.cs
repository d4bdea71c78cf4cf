namespace MeshSdk.Security.Pem;

/// <summary>Files cannot be made an identity of. The message names the file, what is wrong with it and what to do; it holds nothing of a key.</summary>
internal sealed class PemException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether files look like this while somebody replaces them: one is gone, half written, or not of a pair with the other. No writer leaves what has no PEM in it.</summary>
    public bool MayPass { get; init; } = true;
}
