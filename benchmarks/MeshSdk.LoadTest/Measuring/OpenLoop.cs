using System.Diagnostics;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>So many requests a second whatever becomes of them, until it is stopped.</summary>
internal sealed class OpenLoop
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly List<Answer> _answers = [];
    private readonly Task _sending;
    private volatile bool _isStopped;

    /// <param name="client">Whom is called is its business.</param>
    /// <param name="uri">Answers with the port of whoever answers.</param>
    /// <param name="requestsPerSecond">Whether they are answered or not.</param>
    /// <param name="method">Null: GET.</param>
    public OpenLoop(HttpClient client, Uri uri, int requestsPerSecond, HttpMethod? method = null) =>
        _sending = Task.Run(() => SendAsync(client, method ?? HttpMethod.Get, uri, requestsPerSecond));

    /// <summary>Now, as a place in the load.</summary>
    public Mark Now()
    {
        lock (_lock)
        {
            return new Mark(Stopwatch.GetTimestamp(), _answers.Count);
        }
    }

    /// <summary>Waits until the answers to what was sent after a moment are as they should be.</summary>
    /// <param name="after">Answers to earlier requests are left out.</param>
    /// <param name="fits">Given the new answers each time, in the order in which they came.</param>
    /// <exception cref="TimeoutException">They have not been within a minute.</exception>
    public async Task WaitAsync(Mark after, Func<IReadOnlyList<Answer>, bool> fits)
    {
        var seen = after.Index;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < LongestWait; await Task.Delay(1))
        {
            Answer[] news;
            lock (_lock)
            {
                news = [.. _answers[seen..]];
                seen = _answers.Count;
            }

            if (fits([.. news.Where(answer => answer.Sent > after.Time)]))
            {
                return;
            }
        }

        throw new TimeoutException("the change that was waited for did not come into force within a minute");
    }

    /// <summary>Sends no more.</summary>
    /// <returns>All answers, in the order of sending.</returns>
    public async Task<Answer[]> StopAsync()
    {
        _isStopped = true;
        await _sending;
        return [.. _answers.OrderBy(static answer => answer.Sent)];
    }

    private async Task SendAsync(HttpClient client, HttpMethod method, Uri uri, int requestsPerSecond)
    {
        var asked = new List<Task>();
        var sent = 0;
        for (var clock = Stopwatch.StartNew(); !_isStopped; await Task.Delay(1))
        {
            // Whatever is due by now; a late timer must not thin the load out.
            for (var due = clock.Elapsed.TotalSeconds * requestsPerSecond; sent < due; sent++)
            {
                asked.Add(AskAsync(client, method, uri));
            }

            asked.RemoveAll(static task => task.IsCompleted);
        }

        await Task.WhenAll(asked);
    }

    private async Task AskAsync(HttpClient client, HttpMethod method, Uri uri)
    {
        var answer = await Answer.AskAsync(client, uri, Stopwatch.GetTimestamp(), method);
        lock (_lock)
        {
            _answers.Add(answer);
        }
    }
}

/// <summary>A moment of a load.</summary>
/// <param name="Time">A timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="Index">How many answers there were.</param>
internal readonly record struct Mark(long Time, int Index);
