using System.CommandLine;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Identity;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Describe;

/// <summary><c>mesh describe service</c>: what holds for calls to a service, and why.</summary>
internal sealed class DescribeCommand(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description = "The service: name, name.namespace, or a longer name that the cluster's DNS has for it.",
    };

    public static Command Create(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
    {
        var describe = new DescribeCommand(configuration, environment, terminal);
        var service = new Command("service", "Says what holds for calls to a service: routes, policies, endpoints, and what is not acted on.") { describe._name };
        service.Aliases.Add("svc");
        service.SetAction(describe.RunAsync);
        return new Command("describe", "Says what the mesh makes of an object.") { service };
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var arguments = await configuration.ReadAsync(line, cancellationToken);
        var text = line.GetRequiredValue(_name);
        var name = ServiceName.Of(text, arguments.Caller)
            ?? throw new UsageException($"'{text}' is no name of a service: name or name.namespace is expected");
        var loader = new ConfigurationLoader(arguments, environment, terminal);
        var mesh = await loader.ReadAsync(ReadScope.CallsTo([arguments.Caller.Namespace, name.Id.Namespace]), cancellationToken);
        mesh = await loader.WithForeignAsync(mesh, cancellationToken);
        var snapshot = new MeshCompiler(arguments.Caller, arguments.Compilation).Compile(mesh.Resources);
        var identity = await IdentityReader.ReadAsync(arguments.Identity, environment.Time, cancellationToken);
        if (new ServiceDescriber(mesh, snapshot, arguments.Caller, arguments.Mesh.Security, identity).Describe(name.Id) is not { } description)
        {
            terminal.Note(WhyNone(name.Id, new UnknownParts(mesh.Unknown, arguments.Caller)));
            return ExitCode.No;
        }

        if (arguments.Json)
        {
            await terminal.WriteLineAsync(DescribeJson.Write(description));
        }
        else
        {
            await terminal.WriteAsync(DescriptionText.Of(description));
        }

        return ExitCode.Done;
    }

    private static string WhyNone(ServiceId id, UnknownParts unknown) => unknown.OfExistence(id) is { } scope
        ? $"it cannot be told whether there is a Service {id}: {scope.Reason}"
        : $"there is no Service {id}";
}
