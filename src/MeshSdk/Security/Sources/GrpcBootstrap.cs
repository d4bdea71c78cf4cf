using System.Globalization;
using System.Text.Json;
using MeshSdk.Security.Pem;

namespace MeshSdk.Security.Sources;

/// <summary>
/// The PEM files that a bootstrap file for proxyless gRPC leads to: <c>certificate_providers</c> of the kind <c>file_watcher</c>, that called <c>default</c>
/// before others. The names and values are those of gRFC A29.
/// </summary>
internal sealed class GrpcBootstrap(string path) : PemLocation
{
    /// <summary>The environment variable that holds its path.</summary>
    public const string Variable = "GRPC_XDS_BOOTSTRAP";

    private const string FileWatcher = "file_watcher";

    private readonly string _path = Path.GetFullPath(path);
    private TimeSpan? _refreshInterval;

    public override string Name => $"the files that {_path} ({Variable}) names";

    public override TimeSpan? RefreshInterval => _refreshInterval;

    public override IEnumerable<string> Directories => Path.GetDirectoryName(_path) is { Length: > 0 } directory ? [directory] : [];

    /// <summary>Whether it says that there are no certificates: it is then written for xDS alone. One that cannot be read says nothing of the sort.</summary>
    public bool HasNoCertificates()
    {
        try
        {
            using var document = Parse();
            return ProvidersOf(document.RootElement).Count == 0;
        }
        catch (PemException)
        {
            return false;
        }
    }

    public override PemFiles Find()
    {
        using var document = Parse();
        var providers = ProvidersOf(document.RootElement);
        string? problem = null;
        foreach (var (name, provider) in providers.OrderBy(static one => one.Name != "default"))
        {
            if (FilesOf(name, provider, ref problem) is { } files)
            {
                return files.WithRevocations();
            }
        }

        throw new PemException($"{_path}: {problem ?? "there are no certificate_providers"}");
    }

    private JsonDocument Parse()
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(_path));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw new PemException($"{_path} ({Variable}) is no JSON object");
        }
        catch (JsonException e)
        {
            throw new PemException($"{_path} ({Variable}) is no JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PemException($"{_path}, which {Variable} names, does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PemException($"{_path}, which {Variable} names, cannot be read: {e.Message}", e);
        }
    }

    private static List<(string Name, JsonElement Provider)> ProvidersOf(JsonElement root) =>
        root.TryGetProperty("certificate_providers", out var providers) && providers.ValueKind == JsonValueKind.Object
            ? [.. providers.EnumerateObject().Select(static property => (property.Name, property.Value))]
            : [];

    private PemFiles? FilesOf(string name, JsonElement provider, ref string? problem)
    {
        var plugin = Text(provider, "plugin_name");
        if (plugin != FileWatcher)
        {
            problem ??= $"certificate_providers.{name} is a '{plugin}'; only {FileWatcher} can be used";
            return null;
        }

        var config = provider.TryGetProperty("config", out var value) ? value : default;
        string?[] paths = [Text(config, "certificate_file"), Text(config, "private_key_file"), Text(config, "ca_certificate_file")];
        if (paths is not [{ Length: > 0 } certificate, { Length: > 0 } privateKey, { Length: > 0 } trustBundle])
        {
            problem ??= $"certificate_providers.{name}.config lacks certificate_file, private_key_file or ca_certificate_file";
            return null;
        }

        _refreshInterval = Interval(Text(config, "refresh_interval"));
        return new PemFiles(Path.GetFullPath(certificate), Path.GetFullPath(privateKey), Path.GetFullPath(trustBundle));
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // As JSON writes a google.protobuf.Duration. What is no such is no reason to be without an identity.
    private static TimeSpan? Interval(string? text) =>
        text is [.. var number, 's'] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e6
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
