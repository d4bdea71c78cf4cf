using System.Net;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Wire;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>Reads a whole list, page by page, into a replacement.</summary>
internal sealed class PagedList(ApiConnection connection, TimeProvider time, Action onContact)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);

    /// <param name="path">Of the collection.</param>
    /// <param name="resourceVersion">See <see cref="CollectionPath.List"/>.</param>
    /// <param name="begin">Makes an empty replacement; called again where the list has to be started over.</param>
    /// <returns>The list, and the version from which a watch goes on.</returns>
    /// <exception cref="ApiFaultException">The server refuses.</exception>
    public async Task<(ListReplacement List, string ResourceVersion)> ReadAsync(
        CollectionPath path, string? resourceVersion, Func<ListReplacement> begin, CancellationToken cancellationToken)
    {
        // Of a version other than 0 a server has pages only in etcd. Without pages it answers from memory, which many clients that read again need.
        for (var isPaged = resourceVersion is null or CollectionPath.AtHand; ; isPaged = false)
        {
            try
            {
                return await ReadPagesAsync(path, resourceVersion, isPaged, begin(), cancellationToken).ConfigureAwait(false);
            }
            catch (ContinueExpiredException)
            {
                // It took longer than the server keeps old versions, and would again: this time all of it at once, and as it is now.
                resourceVersion = null;
            }
        }
    }

    private async Task<(ListReplacement List, string ResourceVersion)> ReadPagesAsync(
        CollectionPath path, string? resourceVersion, bool isPaged, ListReplacement list, CancellationToken cancellationToken)
    {
        string? next = null;
        while (true)
        {
            var head = await ReadPageAsync(
                path.List(resourceVersion, next, isPaged), path.ListForm, next is not null, list, cancellationToken).ConfigureAwait(false);
            onContact();
            if (head.Continue.Length == 0)
            {
                return (list, head.ResourceVersion);
            }

            next = head.Continue;
        }
    }

    private async Task<ListHead> ReadPageAsync(string path, string? form, bool isLaterPage, ListReplacement list, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, cancellationToken);
        try
        {
            using var response = await connection.GetAsync(path, acceptsGzip: true, form, deadline.Set(LongestWait)).ConfigureAwait(false);
            if (isLaterPage && response.StatusCode == HttpStatusCode.Gone)
            {
                throw new ContinueExpiredException();
            }

            await ApiAnswer.EnsureAsync(response, "list", time, deadline.Token).ConfigureAwait(false);
            var stream = await ApiAnswer.BodyAsync(response, deadline.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                using var window = new ByteWindow(stream);
                return await ListBody.ReadAsync(window, list.Add, () => deadline.Set(LongestSilence)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new TimeoutException("the API server accepted the list request and then fell silent");
        }
    }

    private sealed class ContinueExpiredException : Exception;
}
