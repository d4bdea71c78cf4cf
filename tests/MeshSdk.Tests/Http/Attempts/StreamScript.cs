using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using MeshSdk.Http.Rpc;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>
/// A network on which the attempts of one gRPC stream are answered each by a script of its own, as a server does with a stream: it reads, it answers, both in any
/// order. Steps: <c>n1</c> the attempt says that one came before it (<c>n-</c> nothing), <c>rX</c> message X is read, <c>R</c> a megabyte and more is, <c>e</c> the
/// client's side ends, <c>h</c> headers, <c>mX</c> message X, <c>s14</c> the call ends with that status, <c>s14:5</c> with a pushback too.
/// </summary>
internal sealed class StreamScript(TimeProvider time, params string[] attempts) : IMeshTransportFactory
{
    /// <summary>More than is kept of one call.</summary>
    public const int Large = (1024 * 1024) + 1;

    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly ConcurrentQueue<DateTimeOffset> _begun = new();
    private readonly ConcurrentQueue<Task> _runs = new();

    /// <summary>When each attempt came.</summary>
    public IReadOnlyList<DateTimeOffset> Begun => [.. _begun];

    public static byte[] Message(string text) => [0, 0, 0, 0, 1, (byte)text[0]];

    /// <summary>Waits for the scripts to end, and throws where one of them did not get what it says.</summary>
    public async Task EndedAsync()
    {
        await Task.WhenAll(_runs).WaitAsync(Eventually.Patience);
        Assert.Empty(_faults);
        Assert.Equal(Attempts.Length, _begun.Count);
    }

    public HttpMessageHandler Create(MeshTransportContext context) => new Handler(this);

    private sealed class Handler(StreamScript script) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            script._begun.Enqueue(script.Now);
            if (script._begun.Count > script.Attempts.Length)
            {
                throw new InvalidOperationException("There is no script for this attempt.");
            }

            var attempt = new Attempt(request, cancellationToken);
            script._runs.Enqueue(script.RunAsync(attempt, script.Attempts[script._begun.Count - 1]));
            return attempt.Response;
        }
    }

    private string[] Attempts { get; } = attempts;

    private DateTimeOffset Now => time.GetUtcNow();

    private async Task RunAsync(Attempt attempt, string steps)
    {
        try
        {
            foreach (var step in steps.Split(' '))
            {
                await attempt.DoAsync(step).WaitAsync(Eventually.Patience);
            }
        }
        catch (Exception e)
        {
            _faults.Enqueue(new InvalidOperationException($"in '{steps}'", e));
            attempt.Fail(e);
        }
    }

#pragma warning disable CA1001 // The message is handed out, and disposed of by who has it.
    private sealed class Attempt
#pragma warning restore CA1001
    {
        private readonly HttpRequestMessage _request;
        private readonly Pipe _up = new(new PipeOptions(pauseWriterThreshold: 64 * 1024, useSynchronizationContext: false));
        private readonly Pipe _down = new(new PipeOptions(useSynchronizationContext: false));
        private readonly CancellationTokenSource _over;
        private readonly TaskCompletionSource<HttpResponseMessage> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HttpResponseMessage _message;
        private readonly Stream _sent;

        public Attempt(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _request = request;
            _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _sent = _up.Reader.AsStream();
            _message = new HttpResponseMessage(HttpStatusCode.OK)
            {
                Version = HttpVersion.Version20, Content = new StreamContent(_down.Reader.AsStream()), RequestMessage = request,
            };
            _message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
            _ = SendAsync(request.Content!);
        }

        public Task<HttpResponseMessage> Response => _response.Task;

        public void Fail(Exception error)
        {
            _response.TrySetException(error);
            _down.Writer.Complete(error);
            _over.Cancel();
        }

        public async Task DoAsync(string step)
        {
            switch (step[0], step[1..])
            {
                case ('n', var said):
                    Assert.Equal(said == "-" ? null : said, _request.Headers.TryGetValues(PreviousAttempts.Header, out var values) ? Assert.Single(values) : null);
                    break;
                case ('r', var text):
                    var message = new byte[6];
                    await _sent.ReadExactlyAsync(message, _over.Token);
                    Assert.Equal(Message(text), message);
                    break;
                case ('R', _):
                    await _sent.ReadExactlyAsync(new byte[Large], _over.Token);
                    break;
                case ('e', _):
                    Assert.Equal(0, await _sent.ReadAsync(new byte[1], _over.Token));
                    break;
                case ('h', _):
                    _response.SetResult(_message);
                    break;
                case ('m', var text):
                    await _down.Writer.WriteAsync(Message(text), _over.Token);
                    break;
                case ('s', var end):
                    End(end.Split(':'));
                    break;
                default:
                    throw new ArgumentException(step);
            }
        }

        // A server that ends a stream wants no more of it.
        private void End(string[] end)
        {
            var fields = Response.IsCompleted ? _message.TrailingHeaders : _message.Headers;
            fields.TryAddWithoutValidation("grpc-status", int.Parse(end[0], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
            if (end.Length > 1)
            {
                fields.TryAddWithoutValidation(RetryPushback.Header, end[1]);
            }

            _down.Writer.Complete();
            _response.TrySetResult(_message);
            _over.Cancel();
        }

        private async Task SendAsync(HttpContent content)
        {
            try
            {
                await content.CopyToAsync(_up.Writer.AsStream(), _over.Token);
                await _up.Writer.CompleteAsync();
            }
            catch (Exception e)
            {
                await _up.Writer.CompleteAsync(e);
            }
        }
    }
}
