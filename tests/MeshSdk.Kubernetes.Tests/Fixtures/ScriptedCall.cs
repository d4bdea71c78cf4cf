using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Kubernetes.Tests.Fixtures;

/// <summary>One request that a test answers.</summary>
internal sealed class ScriptedCall(HttpContext context)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Path { get; } = context.Request.Path;

    /// <summary>As it came, decoded.</summary>
    public string Query { get; } = Uri.UnescapeDataString(context.Request.QueryString.Value ?? "");

    public string Protocol { get; } = context.Request.Protocol;

    public string Host { get; } = context.Request.Host.Value ?? "";

    public string Authorization { get; } = context.Request.Headers.Authorization.ToString();

    public string UserAgent { get; } = context.Request.Headers.UserAgent.ToString();

    public bool IsWatch => Query.Contains("watch=true", StringComparison.Ordinal);

    public Task Ended => _ended.Task;

    /// <summary>Waits until the client has given the request up.</summary>
    public Task GoneAsync() => _gone.Task.WaitAsync(Patience);

    public async Task AnswerAsync(int status, string body, params (string Name, string Value)[] headers)
    {
        await OpenAsync(status, headers);
        if (body.Length > 0)
        {
            // One that wants no more than the status may have gone already.
            await WriteAsync(body);
        }

        Close();
    }

    /// <summary>As large lists come from real servers.</summary>
    public async Task AnswerZippedAsync(string body)
    {
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(body));
        }

        await OpenAsync(200, ("Content-Encoding", "gzip"));
        await context.Response.Body.WriteAsync(zipped.ToArray());
        Close();
    }

    /// <summary>Sends the headers alone.</summary>
    public async Task OpenAsync(int status = 200, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
    }

    public async Task LineAsync(string line) => await WriteAsync(line + "\n");

    public async Task WriteAsync(string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await context.Response.Body.FlushAsync();
    }

    /// <summary>Ends the answer in good order.</summary>
    public void Close() => _ended.TrySetResult();

    /// <summary>Breaks the connection, or the stream of an HTTP/2 one.</summary>
    public void Reset()
    {
        context.Abort();
        _ended.TrySetResult();
    }

    /// <summary>The client has gone.</summary>
    public void Forget()
    {
        _gone.TrySetResult();
        _ended.TrySetResult();
    }
}
