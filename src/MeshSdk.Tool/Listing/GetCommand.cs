using System.CommandLine;
using MeshSdk.Compilation;
using MeshSdk.Resources;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary><c>mesh get</c>: lists what the mesh reads, as kubectl lists objects.</summary>
internal sealed class GetCommand
{
    private static readonly IListing[] Listings = [new RouteListing(), new ServiceListing(), new EndpointListing(), new PolicyListing()];

    private readonly ConfigurationOptions _configuration;
    private readonly ToolEnvironment _environment;
    private readonly Terminal _terminal;

    private readonly Argument<string> _what = new("WHAT")
    {
        Description = "routes, services, endpoints or policies.",
        HelpName = "routes|services|endpoints|policies",
    };

    private readonly Option<bool> _all = new("--all-namespaces", "-A") { Description = "Those of all namespaces, and not of the caller's alone." };

    private GetCommand(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
    {
        (_configuration, _environment, _terminal) = (configuration, environment, terminal);
        _what.AcceptOnlyFromAmong([.. Listings.Select(static listing => listing.Name)]);
    }

    public static Command Create(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
    {
        var get = new GetCommand(configuration, environment, terminal);
        var command = new Command("get", "Lists routes, services, endpoints or policies.") { get._what, get._all };
        command.SetAction(get.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var arguments = await _configuration.ReadAsync(line, cancellationToken);
        var listing = Listings.First(candidate => candidate.Name == line.GetRequiredValue(_what));
        var ns = line.GetValue(_all) ? null : arguments.Caller.Namespace;
        var mesh = await new ConfigurationLoader(arguments, _environment, _terminal)
            .ReadAsync(ns is null ? ReadScope.Cluster : ReadScope.Only(ns), cancellationToken);
        UnknownScope[] gaps =
        [
            .. mesh.Unknown.Where(scope => listing.Kinds.Contains(scope.Kind) && (ns is null || scope.Namespace is null || scope.Namespace == ns)),
        ];
        foreach (var gap in gaps)
        {
            _terminal.Note($"{gap.Kind} in {(gap.Namespace is null ? "all namespaces" : $"namespace {gap.Namespace}")} could not be read: {gap.Reason}");
        }

        // What is listed is not all that there may be, and a script must not take it for that.
        var exitCode = gaps.Length == 0 ? ExitCode.Done : ExitCode.No;
        var view = new MeshView(
            mesh,
            new MeshCompiler(arguments.Caller, arguments.Compilation).Compile(mesh.Resources),
            arguments.Mesh.Security,
            ns,
            _environment.Time.GetUtcNow())
        {
            UnknownPolicies = new UnknownPolicies(mesh.Resources, arguments.Caller),
            Caller = MeshViewpoint.Of(mesh.Resources, arguments.Caller, arguments.Compilation).Caller,
        };
        if (arguments.Json)
        {
            await _terminal.WriteLineAsync(listing.ToJson(view));
            return exitCode;
        }

        var table = listing.ToTable(view);
        if (!table.IsEmpty)
        {
            await _terminal.WriteAsync(table.ToString());
        }
        else if (gaps.Length == 0)
        {
            _terminal.Note(ns is null ? "No resources found" : $"No resources found in {ns} namespace.");
        }

        return exitCode;
    }
}
