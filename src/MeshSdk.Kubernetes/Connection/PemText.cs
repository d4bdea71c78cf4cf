using System.Text;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>Certificates or a key, given in the configuration itself or by a file, which may be replaced while the process runs.</summary>
internal sealed class PemText
{
    private readonly string? _file;
    private readonly string _text;

    private PemText(string? file, string text)
    {
        _file = file;
        _text = text;
    }

    public static PemText OfFile(string path) => new(path, "");

    /// <param name="base64">As a kubeconfig holds it.</param>
    /// <param name="field">For people.</param>
    /// <exception cref="ConnectionException">The text is not base64.</exception>
    public static PemText OfData(string base64, string field)
    {
        try
        {
            return new(null, Encoding.UTF8.GetString(Convert.FromBase64String(base64)));
        }
        catch (FormatException fault)
        {
            throw new ConnectionException($"{field} is not base64", fault);
        }
    }

    public static PemText Of(string text) => new(null, text);

    /// <exception cref="ConnectionException">The file cannot be read.</exception>
    public async ValueTask<string> ReadAsync(CancellationToken cancellationToken) =>
        _file is null ? _text : await TextFile.ReadAsync(_file, cancellationToken).ConfigureAwait(false);

    public override string ToString() => _file ?? "data of the kubeconfig";
}
