using System.Collections.Concurrent;
using System.Net;

namespace MeshSdk.Tests.Fixtures;

/// <summary>What one endpoint was sent.</summary>
internal sealed record Sent(int Number, string Backend, string Address, HttpRequestMessage Request, string Body, DateTimeOffset At);

/// <summary>A network that does with each request what a test says, and notes what it was sent.</summary>
internal sealed class ScriptedTransport(Func<Sent, CancellationToken, Task<HttpResponseMessage>> answer, TimeProvider? time = null) : IMeshTransportFactory
{
    private int _sends;

    public ConcurrentQueue<Sent> Log { get; } = new();

    public int Sends => Log.Count;

    /// <summary>Answers with these statuses one after the other, and then with the last again and again.</summary>
    public static ScriptedTransport Statuses(params int[] statuses) =>
        new((sent, _) => Task.FromResult(Response(statuses[Math.Min(sent.Number, statuses.Length) - 1])));

    public static HttpResponseMessage Response(int status, string body = "") =>
        new((HttpStatusCode)status) { Content = new StringContent(body) };

    /// <summary>A peer that never answers.</summary>
    public static async Task<HttpResponseMessage> HangAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException("unreachable");
    }

    public static HttpRequestException Refused() => new(HttpRequestError.ConnectionError, "refused");

    public static HttpRequestException Reset() => new(HttpRequestError.ResponseEnded, "reset");

    public HttpMessageHandler Create(MeshTransportContext context) => new Handler(this, context);

    private sealed class Handler(ScriptedTransport transport, MeshTransportContext context) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsyncOnce(cancellationToken);
            var at = transport.Now;
            var sent = new Sent(Interlocked.Increment(ref transport._sends), context.Backend, context.EndPoint.ToString(), request, body, at);
            transport.Log.Enqueue(sent);
            var response = await transport.Answer(sent, cancellationToken);
            response.RequestMessage = request;
            return response;
        }
    }

    private DateTimeOffset Now => (time ?? TimeProvider.System).GetUtcNow();

    private Task<HttpResponseMessage> Answer(Sent sent, CancellationToken cancellationToken) => answer(sent, cancellationToken);
}

internal static class BodyReading
{
    /// <summary>Reads a content as the HTTP stack does: it is written, and not buffered in itself.</summary>
    public static async Task<string> ReadAsStringAsyncOnce(this HttpContent content, CancellationToken cancellationToken)
    {
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(copy.ToArray());
    }
}
