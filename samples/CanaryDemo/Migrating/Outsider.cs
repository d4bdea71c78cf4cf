namespace CanaryDemo.Migrating;

/// <summary>Somebody outside of the mesh, who calls pods at their addresses and in plaintext, as curl would.</summary>
internal static class Outsider
{
    /// <summary>What it is told where the server has hung up without a word.</summary>
    public const string Closed = "connection closed";

    /// <summary>Calls each pod once, on a connection of its own.</summary>
    /// <returns>What has come of it.</returns>
    public static async Task<IReadOnlyList<string>> CallAsync(IReadOnlyList<Pod> pods, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var answers = new List<string>();
        foreach (var pod in pods)
        {
            answers.Add(await CallAsync(client, pod, cancellationToken));
        }

        return answers;
    }

    private static async Task<string> CallAsync(HttpClient client, Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri($"http://{pod.Address}/"), cancellationToken);
            return $"{(int)response.StatusCode} {response.ReasonPhrase}";
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError)
        {
            // It was not even answered the telephone: that would be no server.
            return e.Message;
        }
        catch (HttpRequestException)
        {
            return Closed;
        }
    }
}
