using Grpc.Core;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Fixtures.Callers;

/// <summary>Makes a call of any kind to its end: <see cref="Messages"/> messages each way where it is a stream.</summary>
internal static class CallRunner
{
    public const int Messages = 3;

    /// <summary>What a call of a kind is answered with where all is well.</summary>
    public static string[] Texts(CallKind kind) => kind switch
    {
        CallKind.ServerStream => ["a", "a", "a"],
        CallKind.ClientStream => ["m0,m1,m2"],
        CallKind.Duplex => ["m0", "m1", "m2"],
        _ => ["a"],
    };

    public static string MethodOf(CallKind kind) => kind == CallKind.BlockingUnary ? "Unary" : kind.ToString();

    public static async Task<CallResult> CallAsync(this Echo.EchoClient client, CallKind kind, Call call)
    {
        var replies = new List<EchoReply>();
        var (headers, trailers) = (new Metadata(), new Metadata());
        Status status;
        try
        {
            (status, headers, trailers) = await RunAsync(client, kind, call, replies).WaitAsync(Eventually.Patience);
        }
        catch (RpcException e)
        {
            (status, trailers) = (e.Status, e.Trailers);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The call {kind} that came to '{call.Path}' has not ended; {replies.Count} replies came.", e);
        }

        return new CallResult(
            status.StatusCode, status.Detail, replies.Count > 0 ? replies[0].Server : null, [.. replies.Select(static reply => reply.Text)], headers, trailers)
        {
            Arrived = replies.Count > 0 ? [.. replies[0].Metadata] : [],
            Peer = replies.Count > 0 ? replies[0].Peer : "",
        };
    }

    public static Task<CallResult> CallAsync(this Echo.EchoClient client, Call call) => client.CallAsync(CallKind.Unary, call);

    private static async Task<(Status Status, Metadata Headers, Metadata Trailers)> RunAsync(
        Echo.EchoClient client, CallKind kind, Call made, List<EchoReply> replies)
    {
        var options = made.Options;
        var request = new EchoRequest { Text = "a", Replies = Messages };
        switch (kind)
        {
            case CallKind.Unary:
                using (var call = client.UnaryAsync(request, options))
                {
                    SeeHeaders(made, call.ResponseHeadersAsync);
                    replies.Add(await call);
                    return (call.GetStatus(), await call.ResponseHeadersAsync, call.GetTrailers());
                }

            case CallKind.BlockingUnary:
                // On a thread of its own: those of the pool are what the server answers with.
                replies.Add(await Task.Factory.StartNew(
                    () => client.Unary(request, options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
                return (Status.DefaultSuccess, [], []);

            case CallKind.ServerStream:
                using (var call = client.ServerStream(request, options))
                {
                    SeeHeaders(made, call.ResponseHeadersAsync);
                    await ReadAsync(call.ResponseStream, replies);
                    return (call.GetStatus(), await call.ResponseHeadersAsync, call.GetTrailers());
                }

            case CallKind.ClientStream:
                using (var call = client.ClientStream(options))
                {
                    SeeHeaders(made, call.ResponseHeadersAsync);
                    await WriteAsync(call.RequestStream);
                    replies.Add(await call);
                    return (call.GetStatus(), await call.ResponseHeadersAsync, call.GetTrailers());
                }

            default:
                using (var call = client.Duplex(options))
                {
                    SeeHeaders(made, call.ResponseHeadersAsync);
                    await Task.WhenAll(WriteAsync(call.RequestStream), ReadAsync(call.ResponseStream, replies));
                    return (call.GetStatus(), await call.ResponseHeadersAsync, call.GetTrailers());
                }
        }
    }

    private static void SeeHeaders(Call call, Task<Metadata> headers) =>
        headers.ContinueWith(_ => call.See(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private static async Task ReadAsync(IAsyncStreamReader<EchoReply> stream, List<EchoReply> replies)
    {
        while (await stream.MoveNext(CancellationToken.None))
        {
            replies.Add(stream.Current);
        }
    }

    // Where a call has ended already, what is written says so too: its status is what is read.
    private static async Task WriteAsync(IClientStreamWriter<EchoRequest> stream)
    {
        try
        {
            for (var i = 0; i < Messages; i++)
            {
                await stream.WriteAsync(new EchoRequest { Text = $"m{i}" });
            }

            await stream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException or OperationCanceledException)
        {
        }
    }
}
