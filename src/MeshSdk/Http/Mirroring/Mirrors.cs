using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http.Mirroring;

/// <summary>
/// Sends copies of requests elsewhere. None of it can hold up or fail the request itself: there is a bound on how many copies are under way, on how long
/// one may take and on how much of its answer is read; what is beyond is dropped and counted.
/// </summary>
internal sealed class Mirrors(TimeProvider time, Random random, MeshTelemetry telemetry, bool stripCredentials) : IDisposable
{
    /// <summary>How many copies may be under way at once.</summary>
    public const int MostAtOnce = 128;

    /// <summary>How long one may take, from the first byte of the request itself to the end of the copy's answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A connection whose answer was read to its end can be used again.
    private const int MostOfAnswer = 64 * 1024;

    private static readonly string[] Credentials = ["Authorization", "Cookie", "Proxy-Authorization"];

    private readonly MirrorSampling _sampling = new(random);
    private readonly CancellationTokenSource _stop = new();
    private int _running;

    /// <summary>How many copies are under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Copies a request for a <see cref="MirrorFilter"/> if this is one that the filter takes. To be called where the filter stands.</summary>
    /// <returns>What <see cref="Start"/> sends; null where this request is not mirrored.</returns>
    public MirrorCall? Take(in BoundFilter filter, HttpRequestMessage request, Frontend frontend, ClientSettings client)
    {
        if (filter is not { Model: MirrorFilter model, Mirror: { } cluster } || Tunnel.IsAskedFor(request) || !_sampling.Takes(model))
        {
            return null;
        }

        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Version = request.Version, VersionPolicy = request.VersionPolicy };
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (!stripCredentials || !Credentials.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                copy.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
            }
        }

        copy.Content = request.Content is { } content ? new MirrorContent(content.Headers) : null;
        return new MirrorCall(cluster, copy, frontend, client.MirrorProfile);
    }

    /// <summary>The request itself is about to be sent.</summary>
    /// <param name="calls">Its copies.</param>
    /// <param name="body">Null, or with the result null, where there is too much of it.</param>
    /// <param name="isSecret">The request itself is encrypted on its way, by this process or the network, and so no copy may go out in the clear.</param>
    public void Start(IReadOnlyList<MirrorCall> calls, Task<byte[]?>? body, bool isSecret)
    {
        foreach (var call in calls)
        {
            if (body is null || !TryReserve())
            {
                call.Message.Dispose();
                Count(call, "dropped");
                continue;
            }

            // Elsewhere and without the caller's context: whatever the copy does, the caller does not wait for it, nor does its trace grow.
            ThreadPool.UnsafeQueueUserWorkItem(
                static run => _ = run.Mirrors.RunAsync(run.Call, run.Body, run.IsSecret),
                (Mirrors: this, Call: call, Body: body, IsSecret: isSecret),
                preferLocal: false);
        }
    }

    private bool TryReserve()
    {
        if (Interlocked.Increment(ref _running) <= MostAtOnce)
        {
            return true;
        }

        Interlocked.Decrement(ref _running);
        return false;
    }

    public void Dispose() => _stop.Cancel();

    private async Task RunAsync(MirrorCall call, Task<byte[]?> body, bool isSecret)
    {
        var outcome = "failed";
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        try
        {
            using (call.Message)
            {
                outcome = await body.WaitAsync(either.Token).ConfigureAwait(false) is { } bytes
                    && await SendAsync(call, bytes, isSecret, limit.Token, either.Token).ConfigureAwait(false) ? "sent" : "dropped";
            }
        }
#pragma warning disable CA1031 // Whatever goes wrong with a copy is counted, and nobody's.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            Count(call, outcome);
        }
    }

    /// <returns>False where it must not be sent, or there is nobody to send it to.</returns>
    private static async Task<bool> SendAsync(MirrorCall call, byte[] body, bool isSecret, CancellationToken limit, CancellationToken cancellationToken)
    {
        if (call.Cluster.TryPick(new PickContext(call.Message), out var lease, out var model) != PickOutcome.Picked)
        {
            return false;
        }

        var isOwed = true;
        try
        {
            if (lease!.Endpoint.Refusal() is not null || (isSecret && !lease.Endpoint.IsEncrypted))
            {
                return false;
            }

            (call.Message.Content as MirrorContent)?.Fill(body);
            using var response = await SendAsync(call, lease, model!, limit, cancellationToken).ConfigureAwait(false);
            var outcome = new CallOutcome(lease, telemetry: null, call.Message, response);
            isOwed = false;
            await ReadAsync(response, outcome, limit, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception) when (isOwed && lease!.IsWaiting)
        {
            // There was no room for it, or none in time, or its endpoint has left.
            return false;
        }
        finally
        {
            if (isOwed)
            {
                lease!.Release();
            }
        }
    }

    // A copy tells as much of an endpoint as any other request, and the endpoint is charged with it as with any other.
    private static async Task<HttpResponseMessage> SendAsync(
        MirrorCall call, EndpointLease lease, ClusterModel model, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            return await Connections(call, lease, model).SendAsync(call.Message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var isLate = e is OperationCanceledException && limit.IsCancellationRequested;
            var failure = isLate ? ResponseFlags.UpstreamRequestTimeout : FailureKind.Of(e, call.Message.Content is not null, cancellationToken);
            lease.Endpoint.Record(lease.IsWaiting ? AttemptOutcomeKind.Abandoned : FailureKind.OutcomeOf(failure, e, lease.Endpoint));
            throw;
        }
    }

    // The message is the mirror's own: there is nothing to undo.
    private static HttpMessageInvoker Connections(MirrorCall call, EndpointLease lease, ClusterModel model)
    {
        var journal = new RequestJournal(call.Message);
        var (protocol, isForeign) = Preparation.Apply(call.Message, lease, model.Protocol, call.Frontend, call.Profile, ref journal);
        return lease.Connections(protocol, call.Profile, isForeign);
    }

    private static async Task ReadAsync(HttpResponseMessage response, CallOutcome outcome, CancellationToken limit, CancellationToken cancellationToken)
    {
        var end = ResponseEnd.LetGo;
        try
        {
            end = await ReadAsync(response, cancellationToken).ConfigureAwait(false) ? ResponseEnd.Whole : ResponseEnd.LetGo;
        }
        catch (Exception e)
        {
            end = e is OperationCanceledException
                ? limit.IsCancellationRequested ? ResponseEnd.Late : ResponseEnd.Cancelled
                : FailureKind.OfBody(e) is null && e is not ConnectionClosedException ? ResponseEnd.LetGo : ResponseEnd.Lost;
            throw;
        }
        finally
        {
            outcome.Pay(ResponseFlags.None, end, response);
        }
    }

    /// <returns>Whether that was all of it.</returns>
    private static async Task<bool> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[4096];
        for (var left = MostOfAnswer; left > 0;)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return true;
            }

            left -= read;
        }

        return false;
    }

    private void Count(MirrorCall call, string outcome)
    {
        try
        {
            telemetry.CountMirror(call.Cluster.Id, outcome);
        }
#pragma warning disable CA1031 // A listener's exception is nothing to the request, nor to the other copies.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
