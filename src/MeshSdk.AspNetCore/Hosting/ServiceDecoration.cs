using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Hosting;

/// <summary>Puts a service around the one that is registered.</summary>
internal static class ServiceDecoration
{
    /// <param name="services">Of the application.</param>
    /// <param name="otherwise">What is decorated where none is registered: what the framework would add later, and then does not, since there is one.</param>
    /// <param name="decorate">Makes the service that is used in place of the one given.</param>
    public static void Decorate<TService>(this IServiceCollection services, ServiceDescriptor otherwise, Func<IServiceProvider, TService, TService> decorate)
        where TService : class
    {
        var inner = services.LastOrDefault(static service => service.ServiceType == typeof(TService) && !service.IsKeyedService) ?? otherwise;
        services.Add(ServiceDescriptor.Describe(typeof(TService), provider => decorate(provider, Make(provider)), inner.Lifetime));

        TService Make(IServiceProvider provider) => (TService)(
            inner.ImplementationInstance
            ?? inner.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!));
    }
}
