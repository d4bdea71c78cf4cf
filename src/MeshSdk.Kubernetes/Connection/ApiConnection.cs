using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// The way to one API server. What the configuration consists of is read again whenever it is used, and what it was found by is searched again when the
/// server or this process is refused, so that tokens, authorities and certificates may be replaced while everything runs.
/// </summary>
internal sealed partial class ApiConnection : IAsyncDisposable
{
    // A server that refuses everything is not to have the configuration searched at each of a thousand watches.
    private static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(5);

    private static readonly ProductInfoHeaderValue UserAgent = new("MeshSdk", Version());

    private readonly ConnectionSearch _search;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _searching = new(1, 1);
    private readonly Lock _lock = new();
    private volatile ConnectionSettings _settings;
    private volatile string _identity;
    private long _searched;
    private ApiTransport _transport;

    private ApiConnection(ConnectionSearch search, ConnectionSettings settings, TlsMaterial material, TimeProvider time, Random random, ILogger logger)
    {
        _search = search;
        _settings = settings;
        _time = time;
        _logger = logger;
        _searched = time.GetTimestamp();
        _transport = ApiTransport.Create(settings, material);
        _identity = Connection.ServerIdentity.Of(settings, material);
        Outage = new(ProbeAsync, LogOutage, time, random);
    }

    /// <summary>A hash over the cluster's authority as the last connection was made with.</summary>
    public string ServerIdentity => _identity;

    /// <summary>The namespace that goes with the context or the service account; null: none is stated.</summary>
    public string? Namespace => _settings.Namespace;

    public Uri Server => _settings.Server;

    /// <summary>Where the configuration was found, for people.</summary>
    public string Origin => _settings.Origin;

    public Outage Outage { get; }

    /// <summary>Finds the configuration and reads it; the server is not asked yet.</summary>
    /// <exception cref="ConnectionException">There is none, or it cannot be used.</exception>
    public static async Task<ApiConnection> OpenAsync(
        ConnectionSearch search, TimeProvider time, Random random, ILogger logger, CancellationToken cancellationToken)
    {
        var settings = await search.FindAsync(cancellationToken).ConfigureAwait(false);
        var material = await TlsMaterial.ReadAsync(settings, cancellationToken).ConfigureAwait(false);
        var connection = new ApiConnection(search, settings, material, time, random, logger);
        connection.LogOpened(settings.Server, settings.Origin);
        if (settings.SkipsVerification)
        {
            connection.LogNotVerified(settings.Server);
        }

        return connection;
    }

    /// <summary>Sends a request and waits for the headers of its answer, whatever its status.</summary>
    /// <param name="path">With its query, below the server's address.</param>
    /// <param name="acceptsGzip">The caller unpacks what comes.</param>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="ConnectionException">There is nothing to prove this process with.</exception>
    public Task<HttpResponseMessage> GetAsync(string path, bool acceptsGzip, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, body: null, acceptsGzip, cancellationToken);

    /// <summary>The same, in a form of the objects that the server may not know, and then answers with the usual one.</summary>
    public Task<HttpResponseMessage> GetAsync(string path, bool acceptsGzip, string? form, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, body: null, acceptsGzip, cancellationToken, form);

    /// <inheritdoc cref="GetAsync(string, bool, CancellationToken)"/>
    /// <param name="method">The server may be asked twice, the second time where it did not take this process for whom it is.</param>
    /// <param name="path">With its query, below the server's address.</param>
    /// <param name="body">JSON; null: none.</param>
    /// <param name="acceptsGzip">The caller unpacks what comes.</param>
    /// <param name="form">The media type of the form in which objects are wanted; null: the usual one.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, bool acceptsGzip, CancellationToken cancellationToken, string? form = null)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var settings = _settings;
            var transport = await EnterAsync(settings, cancellationToken).ConfigureAwait(false);
            try
            {
                using var request = await RequestAsync(settings, method, path, body, acceptsGzip, form, cancellationToken).ConfigureAwait(false);
                var response = await transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
                Outage.Answered();
                if (response.StatusCode != HttpStatusCode.Unauthorized || isSecond)
                {
                    return response;
                }

                response.Dispose();
                settings.Credential.Invalidate(request.Headers.Authorization);
                await SearchAsync(settings, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException fault) when (HandshakeFault.IsRefusal(fault) && !isSecond)
            {
                // The server may have a new authority by now, and the configuration too.
                await SearchAsync(settings, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException fault) when (!HandshakeFault.IsRefusal(fault))
            {
                Outage.Failed();
                throw;
            }
            catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
            {
                Outage.Failed();
                throw new HttpRequestException(HttpRequestError.ConnectionError, $"{settings.Server.Authority} could not be reached in time", fault);
            }
            finally
            {
                transport.Leave();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Outage.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _transport.Dispose();
        }
    }

    private async ValueTask<ApiTransport> EnterAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var material = await TlsMaterial.ReadAsync(settings, cancellationToken).ConfigureAwait(false);
        var key = TransportKey.Of(settings, material);
        lock (_lock)
        {
            if (_transport.Key != key)
            {
                var replaced = _transport;
                _transport = ApiTransport.Create(settings, material);
                _identity = Connection.ServerIdentity.Of(settings, material);
                replaced.Dispose();
                LogReplaced(settings.Server);
            }

            return _transport.TryEnter() ? _transport : throw new ObjectDisposedException(nameof(ApiConnection));
        }
    }

    private static async ValueTask<HttpRequestMessage> RequestAsync(
        ConnectionSettings settings, HttpMethod method, string path, ReadOnlyMemory<byte>? body, bool acceptsGzip, string? form,
        CancellationToken cancellationToken)
    {
        var header = await settings.Credential.GetHeaderAsync(cancellationToken).ConfigureAwait(false);
        var request = new HttpRequestMessage(method, new Uri(settings.Server, path));
        if (body is { } bytes)
        {
            request.Content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new("application/json") } };
        }

        request.Headers.Authorization = header;
        request.Headers.UserAgent.Add(UserAgent);
        if (form is not null)
        {
            request.Headers.Accept.ParseAdd(form);
        }

        request.Headers.Accept.Add(new("application/json"));
        if (acceptsGzip)
        {
            request.Headers.AcceptEncoding.Add(new("gzip"));
        }

        return request;
    }

    /// <summary>Searches the configuration again, for a kubeconfig may hold all of it itself and have been written anew.</summary>
    private async Task SearchAsync(ConnectionSettings refused, CancellationToken cancellationToken)
    {
        await _searching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_settings != refused || _time.GetElapsedTime(_searched) < SearchInterval)
            {
                return;
            }

            _searched = _time.GetTimestamp();
            _settings = await _search.FindAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionException fault)
        {
            // What was found before is still there to be tried.
            LogSearchFailed(fault.Message);
        }
        finally
        {
            _searching.Release();
        }
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await GetAsync("version", acceptsGzip: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or ConnectionException or ObjectDisposedException)
        {
            // Still down, as those that wait know already.
        }
    }

    private void LogOutage(bool isDown)
    {
        if (isDown)
        {
            LogDown(Server);
        }
        else
        {
            LogUp(Server);
        }
    }

    private static string Version() =>
        typeof(ApiConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    [LoggerMessage(1, LogLevel.Information, "Following the API server {Server}, from {Origin}.", EventName = "Opened")]
    private partial void LogOpened(Uri server, string origin);

    [LoggerMessage(
        2, LogLevel.Warning, "The certificate of the API server {Server} is not verified (insecure-skip-tls-verify): whoever answers is believed.", EventName = "NotVerified")]
    private partial void LogNotVerified(Uri server);

    [LoggerMessage(3, LogLevel.Information, "The certificates for the API server {Server} have changed; new connections use them.", EventName = "Replaced")]
    private partial void LogReplaced(Uri server);

    [LoggerMessage(4, LogLevel.Warning, "The configuration could not be searched again after a refusal: {Reason}", EventName = "SearchFailed")]
    private partial void LogSearchFailed(string reason);

    [LoggerMessage(
        5, LogLevel.Warning, "The API server {Server} cannot be reached; what was read last stays in force until it answers again.", EventName = "Down")]
    private partial void LogDown(Uri server);

    [LoggerMessage(6, LogLevel.Information, "The API server {Server} answers again.", EventName = "Up")]
    private partial void LogUp(Uri server);
}
