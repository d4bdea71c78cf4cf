using System.Globalization;
using System.Net;
using MeshSdk.Http.Bodies;
using MeshSdk.Http.Rpc;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// A response body that tells when it has been read to its end, failed, was disposed of, or was simply forgotten. Only then is the request over
/// for the endpoint: one that is counted out at its headers would make a slow stream look idle.
/// </summary>
internal class OutcomeContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly HttpResponseMessage _response;
    private readonly RpcOrigin _origin;
    private CallOutcome _outcome;
    private bool _readCancelled;

    public OutcomeContent(HttpResponseMessage response, CallOutcome outcome, RpcOrigin origin)
    {
        _origin = origin;
        _inner = response.Content;
        _response = response;
        _outcome = outcome;
        ContentHeaders.Copy(_inner, this);
    }

    protected HttpResponseMessage Response => _response;

    protected HttpContent Inner => _inner;

    // A response that nobody read and nobody disposed. To pay runs code of the application, listeners of metrics and handlers that are disposed of;
    // on this thread that could hold up all others that wait for it, and an exception would end the process.
    ~OutcomeContent() => ThreadPool.UnsafeQueueUserWorkItem(static content => content.Forget(), this, preferLocal: false);

    public void Finish(string flags = ResponseFlags.None) => End(flags, ResponseEnds.Of(flags));

    private void End(string flags, ResponseEnd end)
    {
        var isFirst = true;
        try
        {
            isFirst = _outcome.Pay(FlagsOf(flags), end, _response);
            if (isFirst && end == ResponseEnd.Whole && _outcome.IsGrpc && GrpcCall.HasEndedBadly(_response))
            {
                RpcFailure.Note(_response.TrailingHeaders, _origin.Describe(FlagsOf(flags)));
            }
        }
        finally
        {
            // Also where a listener threw: it is paid all the same.
            if (isFirst)
            {
                Finished(flags);
#pragma warning disable CA1816 // Nothing is left for the finalizer, whether or not the content is disposed of.
                GC.SuppressFinalize(this);
#pragma warning restore CA1816
            }
        }
    }

    /// <summary>The caller is done with the response, at whatever point of it.</summary>
    public void Abandon()
    {
        // A body of HTTP that nobody wants the rest of was an answer. A gRPC call is none before its trailers: to let go of it is to cancel it, by a reset of
        // its stream, whichever comes first when a channel cancels one, the end of a read or the disposal of the response.
        if (_readCancelled || _outcome.IsUnfinishedCall(_response))
        {
            Finish(ResponseFlags.DownstreamConnectionTermination);
        }
        else
        {
            End(ResponseFlags.None, ResponseEnd.LetGo);
        }
    }

    /// <summary>
    /// A read or a copy failed. That is the end of the request where the connection is lost with it. Else the response could be read on, and the
    /// endpoint is busy with it until it is disposed of or collected.
    /// </summary>
    public void Fail(Exception error)
    {
        if (FailureKind.OfBody(error) is { } flags)
        {
            Finish(flags);
        }
        else if (error is OperationCanceledException)
        {
            // A stream of HTTP/2 outlives a read that was cancelled.
            _readCancelled = true;
            if (_response.Version.Major < 2)
            {
                Abandon();
            }
        }
    }

    /// <summary>Whether the messages of a gRPC call are read.</summary>
    public bool IsGrpc => _outcome.IsGrpc;

    /// <summary>
    /// A read of a gRPC call failed, and <see cref="Fail"/> was told. Says in the trailers, which are not to come any more, why: a channel makes less of an
    /// exception.
    /// </summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="isBetweenMessages">Whether the body may end here.</param>
    /// <returns>Whether it is to end as if it had come to its end; else the exception stays.</returns>
    public bool TryEndCall(Exception error, bool isBetweenMessages)
    {
        if (!IsGrpc || FailureKind.OfBody(error) is not { } flags || GrpcCall.HasFailed(_response.Headers))
        {
            return false;
        }

        var call = _origin.Describe(FlagsOf(flags));
        if (isBetweenMessages && RpcFailure.StatusOf(error) is { } status)
        {
            RpcFailure.Write(_response.TrailingHeaders, status, RpcFailure.ReasonOf(error, call), call);
            return true;
        }

        RpcFailure.Note(_response.TrailingHeaders, call);
        return false;
    }

    /// <summary>What a reader gets to see of a failure in the middle of a message.</summary>
    public virtual Exception Translate(Exception error) => error;

    /// <summary>
    /// What the end of a connection means to the reader of a body. The stream below reports it in a way of its own, which is meant for the time before
    /// the first byte of a response; it comes here where bytes were sent after that: the rest of a request, or anything after an upgrade.
    /// </summary>
    /// <returns>0, as a read does at the end.</returns>
    public int End(ConnectionClosedException end)
    {
        var error = end.InnerException;
        if (error is null && _response.StatusCode != HttpStatusCode.SwitchingProtocols
            && (_inner.Headers.ContentLength is not null || _response.Headers.TransferEncodingChunked == true))
        {
            error = new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.", end);
        }

        Finish(error is null ? ResponseFlags.None : ResponseFlags.UpstreamConnectionTermination);
        return error is null ? 0 : throw error;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            await CopyInnerAsync(stream, context, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionClosedException e)
        {
            End(e);
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }

        Finish();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            CopyInner(stream, context, cancellationToken);
        }
        catch (ConnectionClosedException e)
        {
            End(e);
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }

        Finish();
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Observe(_inner.ReadAsStream(cancellationToken));

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    // The header's raw text: the parsed form would stay with the message. A gRPC call ends with its trailers.
    private long? Length =>
        _inner.Headers.NonValidated.TryGetValues("Content-Length", out var text)
        && long.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
        && !GrpcCall.Is(_inner)
            ? length
            : null;

    // What the framework's own contents have at hand is asked for without a task that would have nothing to wait for; others may have to read.
    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        _inner.GetType().Assembly == typeof(HttpContent).Assembly
            ? Task.FromResult(CreateContentReadStream(cancellationToken))
            : ReadInnerAsync(cancellationToken);

    private async Task<Stream> ReadInnerAsync(CancellationToken cancellationToken) =>
        Observe(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>The stream that the caller reads.</summary>
    protected virtual Stream Observe(Stream inner) => new OutcomeStream(inner, this, Length);

    protected virtual Task CopyInnerAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _inner.CopyToAsync(stream, context, cancellationToken);

    protected virtual void CopyInner(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _inner.CopyTo(stream, context, cancellationToken);

    /// <summary>What is counted for a body that ended with <paramref name="flags"/>.</summary>
    protected virtual string FlagsOf(string flags) => flags;

    /// <summary>The outcome is known; called once.</summary>
    /// <param name="flags">What <see cref="Finish"/> was told.</param>
    protected virtual void Finished(string flags)
    {
    }

    // The header, where there is one, was copied; the body is not looked at.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Where this throws, the finalizer pays.
            _inner.Dispose();
            Abandon();
        }

        base.Dispose(disposing);
    }

    private void Forget()
    {
        try
        {
            Abandon();
        }
#pragma warning disable CA1031 // Nobody is left to hear of it.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
