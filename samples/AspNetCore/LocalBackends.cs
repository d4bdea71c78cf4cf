namespace AspNetCoreSample;

/// <summary>Servers in this process that stand in for the pods of a cluster: those of the section <c>Backends</c>.</summary>
internal sealed class LocalBackends(IConfiguration configuration) : IHostedService
{
    private readonly List<WebApplication> _servers = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var backend in configuration.GetSection("Backends").GetChildren())
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls(backend["Url"]!);
            var server = builder.Build();
            server.Run(context => context.Response.WriteAsync(backend["Text"]!, context.RequestAborted));
            _servers.Add(server);
            await server.StartAsync(cancellationToken);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
