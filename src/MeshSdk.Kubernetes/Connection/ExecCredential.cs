using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using k8s.KubeConfigModels;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// A token, or a client certificate, that a program prints: the way of cloud providers. It is run when there is none or the one at hand is about to
/// expire, and by one caller at a time.
/// </summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for holds nothing that would have to be let go.
internal sealed class ExecCredential : ICredential
#pragma warning restore CA1001
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly ExternalExecution _execution;
    private readonly string _command;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Answer? _last;

    /// <param name="execution">As the kubeconfig has it.</param>
    /// <param name="directory">Of the kubeconfig: where relative paths of programs begin.</param>
    /// <exception cref="ConnectionException">There is no such program.</exception>
    public ExecCredential(ExternalExecution execution, string directory, TimeProvider time)
    {
        _execution = execution;
        _time = time;
        _command = CommandPath.Find(execution.Command, directory) ?? throw new ConnectionException(
            $"the credential plugin {execution.Command} is not there; install it, or put it into a directory of PATH");
    }

    public async ValueTask<AuthenticationHeaderValue?> GetHeaderAsync(CancellationToken cancellationToken) =>
        (await GetAsync(cancellationToken).ConfigureAwait(false)).Header;

    public async ValueTask<ClientCertificateText?> GetCertificateAsync(CancellationToken cancellationToken) =>
        (await GetAsync(cancellationToken).ConfigureAwait(false)).Certificate;

    public void Invalidate(AuthenticationHeaderValue? refused)
    {
        if (_last is { } last && Equals(last.Header, refused))
        {
            Interlocked.CompareExchange(ref _last, null, last);
        }
    }

    private async ValueTask<Answer> GetAsync(CancellationToken cancellationToken)
    {
        if (_last is { } fresh && IsFresh(fresh))
        {
            return fresh;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Who waited finds what the one before got.
            return _last is { } meanwhile && IsFresh(meanwhile) ? meanwhile : _last = await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool IsFresh(Answer answer) => answer.Expires is not { } expires || _time.GetUtcNow() + Margin < expires;

    private async Task<Answer> RunAsync(CancellationToken cancellationToken)
    {
        var input = $$$"""{"apiVersion":{{{Json(_execution.ApiVersion)}}},"kind":"ExecCredential","spec":{"interactive":false}}""";
        var variables = (_execution.EnvironmentVariables ?? [])
            .Where(static pair => pair.ContainsKey("name"))
            .Select(static pair => KeyValuePair.Create(pair["name"], pair.GetValueOrDefault("value") ?? ""))
            .Append(KeyValuePair.Create("KUBERNETES_EXEC_INFO", input));
        var output = await CommandRun.OutputAsync(_command, _execution.Arguments ?? [], variables, _time, cancellationToken).ConfigureAwait(false);
        try
        {
            using var document = JsonDocument.Parse(output);
            return Read(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ConnectionException($"the credential plugin {_execution.Command} printed no ExecCredential: {fault.Message}", fault);
        }
    }

    private Answer Read(JsonElement root)
    {
        var version = root.GetProperty("apiVersion").GetString();
        if (version != _execution.ApiVersion)
        {
            throw new ConnectionException($"the credential plugin {_execution.Command} answered in {version}, asked for {_execution.ApiVersion}");
        }

        var status = root.GetProperty("status");
        var token = Text(status, "token");
        var (certificate, key) = (Text(status, "clientCertificateData"), Text(status, "clientKeyData"));
        if (token is null && (certificate is null || key is null))
        {
            throw new ConnectionException($"the credential plugin {_execution.Command} gave neither a token nor a certificate with its key");
        }

        return new(
            token is null ? null : new AuthenticationHeaderValue("Bearer", token),
            certificate is null || key is null ? null : new(PemText.Of(certificate), PemText.Of(key)),
            status.TryGetProperty("expirationTimestamp", out var expires) && expires.ValueKind == JsonValueKind.String ? expires.GetDateTimeOffset() : null);
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static string Json(string text) => $"\"{Encoding.UTF8.GetString(JsonEncodedText.Encode(text).EncodedUtf8Bytes)}\"";

    private sealed record Answer(AuthenticationHeaderValue? Header, ClientCertificateText? Certificate, DateTimeOffset? Expires);
}
