namespace MeshSdk.LoadTest.Measuring;

/// <summary>What one request is, and how much of its response is awaited. The URI is made for each request, as applications do it.</summary>
internal sealed record Call(string Name, string Path, ResponseUse Use)
{
    private static int _count;

    /// <summary>Whether the message has no header of its own; those of applications nearly always have one.</summary>
    public bool Bare { get; init; }

    /// <summary>Whether no two requests have the same URI, as where there are identifiers in it: nothing that is kept for one is of use to the next.</summary>
    public bool IsUnique { get; init; }

    public static Call NoContent { get; } = new("204", "/nocontent", ResponseUse.Headers);

    public static Call Empty { get; } = new("Content-Length: 0", "/empty", ResponseUse.Headers);

    public static Call Streamed { get; } = new("body, read as a stream", "/body", ResponseUse.Stream);

    public static Call Buffered { get; } = new("body, buffered", "/body", ResponseUse.Buffer);

    public async Task SendAsync(Contender contender, byte[] buffer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, contender.Address + (IsUnique ? $"{Path}?{Interlocked.Increment(ref _count)}" : Path));
        if (!Bare)
        {
            request.Headers.TryAddWithoutValidation("Accept", "text/plain");
        }

        using var response = await contender.Client.SendAsync(request, CancellationToken.None);
        response.EnsureSuccessStatusCode();
        switch (Use)
        {
            case ResponseUse.Stream:
                var stream = await response.Content.ReadAsStreamAsync();
                while (await stream.ReadAsync(buffer) > 0)
                {
                }

                break;
            case ResponseUse.Buffer:
                // What HttpClient itself does; nothing is left to do where one has.
                await response.Content.LoadIntoBufferAsync();
                break;
        }
    }
}

internal enum ResponseUse
{
    Headers,
    Stream,
    Buffer,
}
