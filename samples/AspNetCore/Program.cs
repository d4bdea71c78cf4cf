using AspNetCoreSample;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var builder = WebApplication.CreateBuilder(args);

// The server half: with an identity this process takes mutual TLS beside plaintext at the same port, and knows who calls.
builder.WebHost.UseMeshIdentity();
builder.Services.AddAuthorization();

// The mesh, with its options from the section "Mesh" of appsettings.json: from the manifests named there, or from a live cluster.
builder.Services.AddMesh(mesh =>
{
    if (builder.Configuration.GetValue<bool>("UseKubernetes"))
    {
        mesh.UseKubernetes().Configure(options => options.Manifests.Clear());
    }
});
builder.Services
    .AddHttpClient<BackendClient>(client => client.BaseAddress = new Uri(builder.Configuration["BackendUrl"] ?? "http://backend"))
    .AddMeshRouting();

builder.Services.AddHealthChecks().AddMesh();
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddMeshInstrumentation().AddPrometheusExporter())
    .WithTracing(tracing => tracing.AddSource("Microsoft.AspNetCore").AddMeshInstrumentation().AddConsoleExporter());

// Stand in for the pods of a cluster. An application has no such line.
builder.Services.AddHostedService<LocalBackends>();

var app = builder.Build();
app.MapGet("/", async (BackendClient backend, CancellationToken cancellationToken) =>
{
    try
    {
        return Results.Text(await backend.HelloAsync(cancellationToken));
    }
    catch (HttpRequestException e)
    {
        // Where the mesh had to answer itself, the message says why.
        return Results.Problem(e.Message, statusCode: StatusCodes.Status502BadGateway);
    }
});

// For one caller alone, who has to prove it: everybody else, and everybody in plaintext, is answered 403.
app.MapGet("/whoami", (HttpContext context) => $"{context.GetMeshPeer()?.Id}\n")
    .RequireAuthorization(policy => policy.RequireSpiffeId(builder.Configuration["AllowedCaller"] ?? "spiffe://cluster.local/ns/sample/sa/client"));
app.MapHealthChecks("/healthz");
app.MapPrometheusScrapingEndpoint("/metrics");
await app.RunAsync();
