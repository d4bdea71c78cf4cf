using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MeshSdk.Tool.CommandLine;

namespace MeshSdk.Tool.Curl;

/// <summary>What each request is made from; <c>{i}</c> in the URL, a header or the body becomes the request's index.</summary>
internal sealed record RequestTemplate(string Method, string Url, ImmutableArray<KeyValuePair<string, string>> Headers, string? Body)
{
    private const string Index = "{i}";
    private const string ContentType = "Content-Type";
    private const string FormContentType = "application/x-www-form-urlencoded";

    /// <exception cref="FormatException">Something cannot be part of a request; the message says what.</exception>
    public HttpRequestMessage Create(int index)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), RequestUrl.Parse(Fill(Url, index)));
        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Fill(Body, index)));
        }

        foreach (var (name, value) in Headers)
        {
            Add(request, name, Fill(value, index));
        }

        if (request.Content is { } content && content.Headers.ContentType is null && !content.Headers.NonValidated.Contains(ContentType))
        {
            content.Headers.TryAddWithoutValidation(ContentType, FormContentType);
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        HeaderLine.RequireOneLine(name, value);
        if (request.Headers.TryAddWithoutValidation(name, value))
        {
            return;
        }

        request.Content ??= new ByteArrayContent([]);
        if (!request.Content.Headers.TryAddWithoutValidation(name, value))
        {
            throw new FormatException($"header '{name}': not a header name");
        }
    }

    private static string Fill(string text, int index) =>
        text.Contains(Index, StringComparison.Ordinal)
            ? text.Replace(Index, index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            : text;
}
