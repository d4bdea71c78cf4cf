using System.Net;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Wire;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>Takes one event of a watch.</summary>
internal delegate void EventReader(WatchLine line);

/// <summary>
/// One watch, from opening to end. Hands out every whole line, and notices an end that no connection reports: the server is asked to end the watch after a
/// while, and one that lasts longer, or that is silent for longer than this server ever was, is dropped.
/// </summary>
internal sealed class WatchStream(ApiConnection connection, TimeProvider time, BookmarkRhythm rhythm)
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(240);
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(360);

    private static readonly TimeSpan LongestOpening = TimeSpan.FromSeconds(30);

    // How much longer than asked for a watch may take to end.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>A time for the server to end the watch after, random so that not all of a cluster's watches end together.</summary>
    public static TimeSpan Life(Backoff chance) => TimeSpan.FromSeconds(Math.Round((ShortestLife + chance.Within(LongestLife - ShortestLife)).TotalSeconds));

    /// <summary>How long nothing may come for; null, or a null from it: as the rhythm says.</summary>
    public Func<TimeSpan?>? Patience { get; init; }

    /// <inheritdoc cref="CollectionPath.WatchForm"/>
    public string? Form { get; init; }

    /// <param name="path">With its query.</param>
    /// <param name="life">As the query says.</param>
    /// <param name="onOpen">The server has accepted the watch.</param>
    /// <param name="onEvent">Called for every line that is an event, in order.</param>
    /// <param name="onPause">Called when all that came so far was handed out.</param>
    /// <returns>One of <see cref="WatchEnd"/>, and what broke it where something did.</returns>
    /// <exception cref="ApiFaultException">The server refuses, or says in the stream that it cannot go on.</exception>
    public async Task<(string Reason, Exception? Fault)> RunAsync(
        string path, TimeSpan life, Action onOpen, EventReader onEvent, Action onPause, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, cancellationToken);
        HttpResponseMessage response;
        try
        {
            response = await connection.GetAsync(path, acceptsGzip: false, Form, deadline.Set(LongestOpening)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new TimeoutException("the API server accepted the watch request and then fell silent");
        }

        using (response)
        {
            await ApiAnswer.EnsureAsync(response, "watch", time, deadline.Set(LongestOpening)).ConfigureAwait(false);
            onOpen();
            rhythm.Restart();
            var opened = time.GetTimestamp();
            try
            {
                var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
                using var window = new ByteWindow(stream);
                var isEnd = false;
                while (HandOut(window, onEvent, isEnd))
                {
                    onPause();
                    if (isEnd)
                    {
                        return (WatchEnd.Closed, null);
                    }

                    var left = life + Grace - time.GetElapsedTime(opened);
                    var silence = Patience?.Invoke() ?? rhythm.Tolerated ?? left;
                    isEnd = !await window.FillAsync(deadline.Set(silence < left ? silence : left)).ConfigureAwait(false);
                }

                onPause();
                return (WatchEnd.Garbled, null);
            }
            catch (OperationCanceledException) when (deadline.HasPassed)
            {
                return (WatchEnd.Silent, null);
            }
            catch (Exception fault) when (fault is IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
            {
                return (WatchEnd.Cut, fault);
            }
        }
    }

    /// <summary>False: there is a line that is no event, and what it may have said is not known.</summary>
    /// <param name="isEnd">What follows the last line break is a line as well, if it is one: there are servers that write none behind the last event.</param>
    private bool HandOut(ByteWindow window, EventReader onEvent, bool isEnd)
    {
        while (!window.Unread.IsEmpty)
        {
            var end = window.Unread.IndexOf((byte)'\n');
            if (end < 0 && !isEnd)
            {
                return true;
            }

            var line = end < 0 ? window.Unread : window.Unread[..end];
            if (!line.Trim(" \r"u8).IsEmpty)
            {
                if (!WatchLine.TryRead(line, out var found))
                {
                    // Half a line at the end is what a connection that was cut leaves behind.
                    return end < 0;
                }

                HandOut(found, onEvent);
            }

            window.Advance(end < 0 ? line.Length : end + 1);
        }

        return true;
    }

    private void HandOut(WatchLine line, EventReader onEvent)
    {
        if (line.Type == WatchEventType.Error)
        {
            var status = ApiStatus.TryRead(line.Object.ToArray());
            throw new ApiFaultException("watch", (HttpStatusCode)(status is { Code: > 0 } ? status.Code : 500), status) { RetryAfter = status?.RetryAfter };
        }

        if (line.Type == WatchEventType.Bookmark)
        {
            rhythm.Seen();
        }

        onEvent(line);
    }
}
