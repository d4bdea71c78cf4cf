using MeshSdk.Http.Attempts;
using MeshSdk.Http.Rpc;
using MeshSdk.Routing;

namespace MeshSdk.Http.Bodies;

/// <summary>
/// The body of a request that may be sent more than once. Contents of the framework that hold their bytes are sent again as they are; what tells a length
/// within <see cref="KeptBytes.Most"/> is buffered before it is sent, where the rule retries; what tells none is kept on its way out, so that a stream
/// without an end is not held up. <c>JsonContent</c> tells none, and may be made of a sequence that can be gone through once. Larger bodies are sent once. Those of
/// gRPC calls are relayed, for the stream may wait for the first answers. Nothing that has to be produced is read before the request itself is sent.
/// </summary>
internal readonly struct ReplayedBody
{
    private static readonly Task<byte[]?> Nothing = Task.FromResult<byte[]?>([]);

    private readonly HttpContent? _original;
    private readonly TeeContent? _tee;
    private readonly RelayedContent? _relay;
    private readonly bool _isResendable;

    private ReplayedBody(HttpContent? original, TeeContent? tee, bool isResendable, Task<byte[]?>? copy)
    {
        (_original, _tee, _isResendable) = (original, tee, isResendable);
        Copy = copy;
    }

    private ReplayedBody(HttpContent original, RelayedContent relay) => (_original, _relay) = (original, relay);

    /// <summary>Whether the whole of it is still there: also where a server that was asked to <c>Expect: 100-continue</c> has refused it unseen.</summary>
    public bool CanBeSentAgain => _isResendable || _tee is { IsComplete: true } or { IsStarted: false } || _relay is { CanBeSentAgain: true };

    /// <summary>Whether the caller's content has been asked for its bytes, and may have no others for whoever asks it again.</summary>
    public bool IsStarted => _tee is { IsStarted: true } || _relay is { IsStarted: true };

    /// <inheritdoc cref="TeeContent.Sending"/>
    public Task<Exception?>? Sending => _tee?.Sending ?? _relay?.Sending;

    /// <summary>For mirrors: the bytes, when they are known; null where there are too many of them.</summary>
    public Task<byte[]?>? Copy { get; }

    /// <summary>Makes the request ready for the first try.</summary>
    /// <param name="request">Its content is replaced where it has to be watched, see <see cref="Restore"/>.</param>
    /// <param name="total">What is kept of gRPC calls.</param>
    /// <param name="methods">What is known of gRPC methods.</param>
    /// <param name="forRetry">It may be sent again.</param>
    /// <param name="forMirror">Its bytes are sent elsewhere too.</param>
    /// <param name="cancellationToken">Ends the buffering.</param>
    /// <param name="caller">Ends the reading of a content that goes out as it comes.</param>
    /// <exception cref="IOException">The content could not be read; whatever it throws comes through.</exception>
    public static async ValueTask<ReplayedBody> PrepareAsync(
        HttpRequestMessage request, KeptTotal total, RpcMethods methods, bool forRetry, bool forMirror,
        CancellationToken cancellationToken, CancellationToken caller)
    {
        if (request.Content is not { } content)
        {
            return new ReplayedBody(null, null, isResendable: true, Nothing);
        }

        if (Tunnel.IsAskedFor(request))
        {
            return default;
        }

        var isResendable = IsResendable(content);
        if (!isResendable)
        {
            var isGrpc = GrpcCall.Is(content);
            if (isGrpc && !forMirror)
            {
                return RetryOptOut.IsSet(request) ? default : Relay(request, content, total, methods, caller);
            }

            var length = content.Headers.ContentLength;
            var mayBeRefused = forRetry && request.Headers.ExpectContinue == true;
            if ((length > KeptBytes.Most && !mayBeRefused) || (!forMirror && RetryOptOut.IsSet(request)))
            {
                return default;
            }

            if (length is null or > KeptBytes.Most || isGrpc || !forRetry)
            {
                var tee = new TeeContent(content);
                request.Content = tee;
                return new ReplayedBody(content, tee, isResendable: false, tee.Body);
            }

            await content.LoadIntoBufferAsync(KeptBytes.Most, cancellationToken).ConfigureAwait(false);
        }

        return new ReplayedBody(content, null, isResendable: true, forMirror ? Task.FromResult(await CopyAsync(content, cancellationToken).ConfigureAwait(false)) : null);
    }

    /// <inheritdoc cref="RelayedContent.Begin"/>
    public void Begin(CancellationToken stop) => _relay?.Begin(stop);

    /// <summary>The attempt that it was sent with is over, and another one may follow.</summary>
    public void Detach() => _relay?.Detach();

    /// <summary>The attempt that it was sent with is over, and another one is to follow.</summary>
    /// <returns>False where the whole of it is not there any more.</returns>
    public bool TryDetach() => _relay?.TryDetach() ?? CanBeSentAgain;

    /// <summary>Gives the message its own content back. It is not sent again.</summary>
    public void Restore(HttpRequestMessage request)
    {
        if (_tee is null && _relay is null)
        {
            return;
        }

        _tee?.Abandon();
        _relay?.Commit();
        try
        {
            request.Content = _original;
        }
        catch (ObjectDisposedException)
        {
            // The caller disposed of the message while it was being sent, and of its own content with it.
        }
    }

    private static ReplayedBody Relay(HttpRequestMessage request, HttpContent content, KeptTotal total, RpcMethods methods, CancellationToken caller)
    {
        var relay = new RelayedContent(content, total, caller) { Call = (methods, request) };
        request.Content = relay;
        return new ReplayedBody(content, relay);
    }

    // Types of one's own may do anything, also where they derive from these.
    private static bool IsResendable(HttpContent content) =>
        content.GetType().Assembly == typeof(HttpContent).Assembly
        && (content is ByteArrayContent or ReadOnlyMemoryContent || (content is MultipartContent parts && parts.All(IsResendable)));

    // Of what is in memory.
    private static async ValueTask<byte[]?> CopyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > KeptBytes.Most)
        {
            return null;
        }

        var kept = new KeptBytes();
        await content.CopyToAsync(new TeeStream(Stream.Null, kept), cancellationToken).ConfigureAwait(false);
        return kept.IsKept ? kept.Bytes.ToArray() : null;
    }
}
