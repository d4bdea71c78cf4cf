using MeshSdk.Model;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Http.Filters;

/// <summary>Filters of the application's own. Whatever they do, the call ends in an answer and the caller gets its message back.</summary>
internal sealed partial class FilterRun
{
    private const int Status = 500;

    private async ValueTask<HttpResponseMessage?> AskAsync(ExtensionFilter extension, CancellationToken cancellationToken)
    {
        if (!extension.Filter.TryEnter())
        {
            throw new RuleGoneException();
        }

        (_entered ??= []).Add(extension.Filter);
        var uri = request.RequestUri!;
        backup.KeepAll();
        try
        {
            return await extension.Filter.Filter.OnRequestAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!IsCallersOwn(e, cancellationToken))
        {
            LogRequestFailed(log, extension.Reference, request.RequestUri, e);
            return FailureOf(extension, e);
        }
        finally
        {
            backup.KeepAdded();
            KeepDestination(uri);
        }
    }

    private async ValueTask<HttpResponseMessage?> ShowAsync(ExtensionFilter extension, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        backup.KeepAll();
        try
        {
            await extension.Filter.Filter.OnResponseAsync(request, response, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (!IsCallersOwn(e, cancellationToken))
        {
            LogResponseFailed(log, extension.Reference, request.RequestUri, e);
            return FailureOf(extension, e);
        }
        finally
        {
            backup.KeepAdded();
        }
    }

    private HttpResponseMessage FailureOf(ExtensionFilter extension, Exception error) =>
        LocalReply.Create(request, Status, $"the filter {extension.Reference.Kind} {extension.Reference.Name} failed: {error.GetType().Name}");

    private static bool IsCallersOwn(Exception error, CancellationToken cancellationToken) =>
        error is OperationCanceledException && cancellationToken.IsCancellationRequested;

    // Which endpoints there are to choose from has been decided by the name that was dialled.
    private void KeepDestination(Uri before)
    {
        var after = request.RequestUri;
        if (ReferenceEquals(after, before))
        {
            return;
        }

        request.RequestUri = after switch
        {
            null => before,
            { IsAbsoluteUri: true } => PathRewriting.With(before, after.PathAndQuery),
            _ => PathRewriting.With(before, new Uri(before, after).PathAndQuery),
        };
    }

    [LoggerMessage(1, LogLevel.Error, "The filter {Reference} failed on a request for {Uri}, which is answered with 500.", EventName = "FilterFailedOnRequest")]
    private static partial void LogRequestFailed(ILogger log, MeshFilterReference reference, Uri? uri, Exception error);

    [LoggerMessage(2, LogLevel.Error, "The filter {Reference} failed on the response to a request for {Uri}, which is answered with 500.", EventName = "FilterFailedOnResponse")]
    private static partial void LogResponseFailed(ILogger log, MeshFilterReference reference, Uri? uri, Exception error);
}
