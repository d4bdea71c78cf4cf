using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace MeshSdk.Identity.Istiod;

/// <summary>
/// The token by which istiod knows whose certificate is asked for. The kubelet writes a new one long before it expires, so it is read for each request. It is
/// not checked here, which is for istiod; its subject is read because some authorities want the request to name the identity that the token stands for.
/// </summary>
internal sealed class ServiceAccountToken
{
    private const int LongestFile = 64 * 1024;

    private ServiceAccountToken(string secret, string? @namespace, string? account) => (Secret, Namespace, Account) = (secret, @namespace, account);

    /// <summary>For the header. Nothing else.</summary>
    public string Secret { get; }

    /// <summary>Null where the token does not say.</summary>
    public string? Namespace { get; }

    /// <summary>Null where the token does not say.</summary>
    public string? Account { get; }

    /// <exception cref="IssuanceException">There is none.</exception>
    public static ServiceAccountToken Read(string file)
    {
        string text;
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > LongestFile)
            {
                throw Unusable(file, "is too long to be a token");
            }

            // Not as ASCII, which would turn into question marks what must be seen not to belong there.
            using var reader = new StreamReader(stream, Encoding.Latin1);
            text = reader.ReadToEnd().Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IssuanceException(
                IssuanceFailure.Local,
                $"the token of the service account cannot be read: {exception.Message} A pod gets one by a projected volume with a serviceAccountToken whose audience is istio-ca");
        }

        // Anything else could not stand in a header, and would be told by the one who refuses to put it there.
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw Unusable(file, text.Length == 0 ? "is empty" : "holds something else than a token");
        }

        var (space, account) = SubjectOf(text);
        return new(text, space, account);
    }

    /// <summary>So that no message ever holds it.</summary>
    public override string ToString() => "(token)";

    private static (string? Namespace, string? Account) SubjectOf(string token)
    {
        try
        {
            if (token.Split('.') is [_, var claims, _])
            {
                using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(claims));
                if (json.RootElement.ValueKind == JsonValueKind.Object
                    && json.RootElement.TryGetProperty("sub", out var subject)
                    && subject.ValueKind == JsonValueKind.String
                    && subject.GetString()!.Split(':') is ["system", "serviceaccount", var space, var account])
                {
                    return (space, account);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            // Then istiod has to make do with what the token says to it.
        }

        return default;
    }

    private static IssuanceException Unusable(string file, string why) =>
        new(IssuanceFailure.Local, $"the token of the service account in {file} {why}");
}
