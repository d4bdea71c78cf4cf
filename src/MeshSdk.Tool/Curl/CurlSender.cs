using MeshSdk.Compilation;
using MeshSdk.Http.Timeouts;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Curl;

/// <summary>Sends one request through the mesh and reads the answer to its end.</summary>
internal sealed class CurlSender(HttpMessageInvoker mesh, TimeProvider time)
{
    public async Task<CurlResult> SendAsync(int index, RequestTemplate template, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        HttpRequestMessage request;
        try
        {
            request = template.Create(index);
        }
        catch (FormatException e)
        {
            // The index made something of it that the first request was not.
            return Unanswered(index, call: null, e.Message, ms: 0);
        }

        using (request)
        {
            return await SendAsync(index, request, timeout, cancellationToken);
        }
    }

    private async Task<CurlResult> SendAsync(int index, HttpRequestMessage request, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var limit = timeout is { } bound ? new CancellationTokenSource(bound, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await mesh.SendAsync(request, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return ResultOf(index, response, body, Elapsed(start));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Unanswered(index, CallOf(request), $"no answer within {GatewayDuration.Format(timeout.GetValueOrDefault())}", Elapsed(start));
        }
        catch (Exception e) when (TimeoutOf(e) is { } late)
        {
            // What a caller that reads to the end gets of a proxy that has not sent its headers yet.
            return Unanswered(index, CallOf(request), error: null, Elapsed(start)) with { Status = 504, Reason = late.Message };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Unanswered(index, CallOf(request), MessageOf(e), Elapsed(start));
        }
    }

    private static CurlResult ResultOf(int index, HttpResponseMessage response, byte[] body, double ms)
    {
        var call = response.GetMeshCall();
        KeyValuePair<string, string>[] headers = [.. HeadersOf(response)];
        return new CurlResult(
            index,
            (int)response.StatusCode,
            GrpcCall.StatusOf(response),
            call?.Backend,
            call?.Endpoint,
            call?.Attempts ?? 1,
            ms,
            call?.Flags ?? ResponseFlags.None,
            call?.Peer,
            HeaderMap.Of(headers),
            BodyText.Of(response.Content, body),
            Error: null,
            ReasonOf(response, call))
        {
            StatusLine = $"HTTP/{response.Version} {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd(),
            HeaderLines = headers,
            Content = body,
        };
    }

    /// <summary>Flags stand where no server's answer arrived. A gRPC caller finds the reason where gRPC has it.</summary>
    private static string? ReasonOf(HttpResponseMessage response, MeshCallInfo? call) =>
        call is null or { Flags: ResponseFlags.None } ? null
        : response.Headers.NonValidated.TryGetValues(GrpcCall.MessageHeader, out var message) ? Uri.UnescapeDataString(message.ToString())
        : response.ReasonPhrase;

    private static MeshCallInfo? CallOf(HttpRequestMessage request) =>
        request.Options.TryGetValue(MeshCallInfo.Key, out var call) ? call : null;

    private static CurlResult Unanswered(int index, MeshCallInfo? call, string? error, double ms) => new(
        index,
        Status: 0,
        GrpcStatus: null,
        call?.Backend,
        call?.Endpoint,
        call?.Attempts ?? 1,
        ms,
        call?.Flags ?? ResponseFlags.None,
        call?.Peer,
        new Dictionary<string, string>(),
        Body: "",
        error);

    // Whoever buffers a body wraps what it throws.
    private static RouteTimeoutException? TimeoutOf(Exception error) => error as RouteTimeoutException ?? error.InnerException as RouteTimeoutException;

    private static IEnumerable<KeyValuePair<string, string>> HeadersOf(HttpResponseMessage response) =>
        from header in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
        from value in header.Value
        select KeyValuePair.Create(header.Key.ToLowerInvariant(), value);

    /// <summary>HttpClient's own words and, where they hide it, the cause.</summary>
    private static string MessageOf(Exception e) => OneLine.Of(
        e.InnerException is { } cause && !e.Message.Contains(cause.Message, StringComparison.Ordinal) ? $"{e.Message} {cause.Message}" : e.Message);

    private double Elapsed(long start) => Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3);
}
