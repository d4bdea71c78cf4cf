using System.Collections.Concurrent;
using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Tests.Http.Filters;

/// <summary>Filters of the application's own.</summary>
public sealed class ExtensionFilterTests
{
    private const string Reference = "{ type: ExtensionRef, extensionRef: { group: example.com, kind: Stamp, name: one } }";
    private const string Rule = $"{{ filters: [{Reference}], backendRefs: [{{ BACKEND }}] }}";

    private sealed class Filter(MeshFilterReference reference) : IMeshFilter, IAsyncDisposable
    {
        public Func<HttpRequestMessage, CancellationToken, ValueTask<HttpResponseMessage?>> OnRequest { get; init; } = static (_, _) => new((HttpResponseMessage?)null);

        public Func<HttpRequestMessage, HttpResponseMessage, ValueTask> OnResponse { get; init; } = static (_, _) => default;

        public MeshFilterReference Reference { get; } = reference;

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<HttpResponseMessage?> OnRequestAsync(HttpRequestMessage request, CancellationToken cancellationToken) => OnRequest(request, cancellationToken);

        public ValueTask OnResponseAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken) => OnResponse(request, response);

        public ValueTask DisposeAsync()
        {
            Disposed.SetResult();
            return default;
        }
    }

    private static Task<RoutedBackend> StartAsync(Func<MeshFilterReference, IMeshFilter> create, string rules = Rule, Task<EchoServer>? server = null) =>
        RoutedBackend.StartAsync(rules, server ?? EchoServer.StartAsync("backend"), configure: options => options.AddFilter("example.com", "Stamp", create));

    [Fact]
    public async Task What_a_filter_changes_is_sent_and_undone()
    {
        await using var backend = await StartAsync(static reference => new Filter(reference)
        {
            OnRequest = async (request, _) =>
            {
                await Task.Yield();
                request.Headers.Add("X-Filter", reference.ToString());
                request.Headers.Remove("X-Removed");
                request.Headers.Host = "filtered.example";
                request.Content!.Headers.ContentType = null;
                request.Content.Headers.Add("X-On-Content", "1");
                request.Method = HttpMethod.Put;
                request.RequestUri = new Uri("https://elsewhere.example:99/changed?q=2");
                return null;
            },
            OnResponse = static (request, response) =>
            {
                response.Headers.Add("X-Seen", request.RequestUri!.PathAndQuery);
                return default;
            },
        });
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend.default/?q=1#f")
        {
            Content = new StringContent("body"), Headers = { { "X-Removed", ["a", "b"] } },
        };
        var before = MessageSnapshot.Of(request);

        using var response = await client.SendAsync(request);

        var echo = await Echo.ReadAsync(response);
        Assert.Equal(("PUT", "/changed?q=2", "filtered.example", "body"), (echo.Method, echo.Target, echo.Headers["host"], echo.Body));
        Assert.Equal("MeshFilterReference { Group = example.com, Kind = Stamp, Namespace = default, Name = one }", echo.Headers["x-filter"]);
        Assert.Equal("1", echo.Headers["x-on-content"]);
        Assert.DoesNotContain("x-removed", echo.Headers.Keys);
        Assert.DoesNotContain("content-type", echo.Headers.Keys);
        Assert.Equal("/changed?q=2", response.Headers.GetValues("X-Seen").Single());
        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Equal("text/plain; charset=utf-8", request.Content.Headers.ContentType?.ToString());
        Assert.False(request.Content.Headers.Contains("X-On-Content"));
    }

    [Fact]
    public async Task A_filter_may_answer_itself()
    {
        await using var backend = await StartAsync(static reference => new Filter(reference)
        {
            OnRequest = static (_, _) => new(new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("no") }),
            OnResponse = static (_, _) => throw new InvalidOperationException("must not be asked"),
        });
        using var client = backend.CreatePlainClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");

        using var response = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.Forbidden, "no", 0), (response.StatusCode, await response.Content.ReadAsStringAsync(), backend.Server.Requests));
        Assert.Same(request, response.RequestMessage);
        Assert.Equal((0, "-"), (response.GetMeshCall()!.Attempts, response.GetMeshCall()!.Flags));
    }

    [Fact]
    public async Task A_filter_that_fails_on_a_request_answers_500_and_nothing_is_sent()
    {
        await using var backend = await StartAsync(static reference => new Filter(reference)
        {
            OnRequest = static (request, _) =>
            {
                request.Headers.Add("X-Half", "done");
                throw new InvalidOperationException("broken");
            },
        });
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");

        using var response = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.InternalServerError, 0), (response.StatusCode, backend.Server.Requests));
        Assert.Equal("the filter Stamp one failed: InvalidOperationException", response.ReasonPhrase);
        Assert.False(request.Headers.Contains("X-Half"));
    }

    [Fact]
    public async Task A_filter_that_fails_on_a_response_takes_its_place_with_500()
    {
        await using var backend = await StartAsync(static reference => new Filter(reference)
        {
            OnResponse = static (_, _) => throw new OperationCanceledException("its own, not the caller's"),
        });
        using var client = backend.CreateClient();

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal((HttpStatusCode.InternalServerError, 1), (response.StatusCode, backend.Server.Requests));
    }

    [Fact]
    public async Task A_callers_cancellation_is_the_callers()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = await StartAsync(reference => new Filter(reference)
        {
            OnRequest = async (request, cancellationToken) =>
            {
                request.Headers.Add("X-Half", "done");
                asked.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return null;
            },
        });
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        using var cancel = new CancellationTokenSource();

        var sending = client.SendAsync(request, cancel.Token);
        await asked.Task;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.False(request.Headers.Contains("X-Half"));
        Assert.Equal(0, backend.Server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_filter_that_cannot_be_made_fails_its_rule_and_no_other(bool throws)
    {
        await using var backend = await StartAsync(
            _ => throws ? throw new InvalidOperationException("no such\nobject") : null!,
            $"{{ matches: [{{ path: {{ value: /bad }} }}], filters: [{Reference}], backendRefs: [{{ BACKEND }}] }}, {{ backendRefs: [{{ BACKEND }}] }}");
        using var client = backend.CreateClient();

        Assert.Equal(HttpStatusCode.InternalServerError, (await client.GetAsync("http://backend/bad")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("http://backend/")).StatusCode);
        var problem = Assert.Single(backend.Mesh.Diagnostics);
        Assert.Equal(("UnsupportedValue", "spec.rules[0].filters[0].extensionRef"), (problem.Code, problem.Path));
        Assert.Contains(throws ? "no such object" : "returned null", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_serves_all_requests_while_the_route_names_it()
    {
        var made = new ConcurrentQueue<Filter>();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = EchoServer.StartAsync("backend", async context =>
        {
            arrived.TrySetResult();
            await answer.Task;
            await EchoServer.EchoAsync("backend", context);
        });
        await using var backend = await StartAsync(
            reference =>
            {
                var filter = new Filter(reference)
                {
                    OnResponse = (_, response) =>
                    {
                        response.Headers.Add("X-Disposed", made.Single().Disposed.Task.IsCompleted.ToString());
                        return default;
                    },
                };
                made.Enqueue(filter);
                return filter;
            },
            Rule, server);
        using var client = backend.CreateClient();
        var sending = client.GetAsync("http://backend/");
        await arrived.Task;

        // Another rule beside it: the route is compiled anew, its filter stays.
        backend.Route($"{Rule}, {{ matches: [{{ path: {{ value: /x }} }}], backendRefs: [{{ BACKEND }}] }}");
        await Eventually.HoldsAsync(() => backend.Mesh.Revision, static revision => revision >= 2);
        Assert.False(Assert.Single(made).Disposed.Task.IsCompleted);

        // Now nobody names it, but a call is still in it.
        backend.Route("{ backendRefs: [{ BACKEND }] }");
        await Eventually.HoldsAsync(() => backend.Mesh.Revision, static revision => revision >= 3);
        answer.SetResult();
        using var response = await sending;
        Assert.Equal("False", response.Headers.GetValues("X-Disposed").Single());
        await made.Single().Disposed.Task.WaitAsync(TimeSpan.FromSeconds(60));

        // The same name again is another filter, which ends with the mesh.
        backend.Route(Rule);
        await Eventually.HoldsAsync(() => made.Count, static count => count == 2);
        await backend.Mesh.DisposeAsync();
        Assert.True(made.Last().Disposed.Task.IsCompleted);
    }

    [Fact]
    public async Task A_synchronous_call_in_a_context_of_its_own_does_not_wait_for_itself()
    {
        await using var backend = await StartAsync(static reference => new Filter(reference)
        {
            OnRequest = static async (_, _) =>
            {
                await Task.Yield();
                return new HttpResponseMessage(HttpStatusCode.Accepted);
            },
        });
        using var client = backend.CreateClient();
        var sent = new TaskCompletionSource<HttpStatusCode>();
        var thread = new Thread(() =>
        {
            // Nothing that is posted here ever runs, as on a thread that blocks.
            SynchronizationContext.SetSynchronizationContext(new DeafContext());
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
            sent.SetResult(client.Send(request).StatusCode);
        });
        thread.Start();

        Assert.Equal(HttpStatusCode.Accepted, await sent.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        thread.Join();
    }

    [Fact]
    public async Task The_builder_registers_filters()
    {
        var manifests = new InMemorySource();
        var services = new ServiceCollection();
        services.AddMesh(mesh => mesh.UseInMemory(manifests).AddFilter("example.com", "Stamp", static reference => new Filter(reference)));
        await using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<MeshOptions>>().Value;

        Assert.Equal(("example.com", "Stamp"), Assert.Single(options.Filters).Key);
        Assert.Throws<ArgumentException>(() => options.AddFilter("g", "", static _ => null!));
        Assert.Throws<ArgumentNullException>(() => options.AddFilter("g", "k", null!));
    }

    private sealed class DeafContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
