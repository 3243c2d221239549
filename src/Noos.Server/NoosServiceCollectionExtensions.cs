using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Noos.Core;
using Noos.Core.Devices;
using Noos.Kernel.Accounts;
using Noos.Kernel.Agents;
using Noos.Kernel.Processes;
using Noos.Kernel.Responses;
using Noos.Kernel.Speech;
using Noos.Kernel.Timers;
using Noos.Peripherals.Ear;
using Noos.Peripherals.Eye;
using Noos.Server.Accounts;
using Noos.Server.Mcp;
using Noos.Server.Pulls;
using Noos.Server.Uploads;

namespace Noos.Server;

/// <summary>Adds what <see cref="NoosEndpointRouteBuilderExtensions.MapNoos"/> needs to a host of one's own.</summary>
public static class NoosServiceCollectionExtensions
{
    /// <summary>
    /// Adds the server of the host's <see cref="Assistant"/>, which the host registers itself, and a clock unless there is one. Where the
    /// services have a <see cref="ProcessTable"/> or a <see cref="TimerTable"/>, its processes or timers are served too. With an
    /// <see cref="AccountStore"/> in the services everybody has what is theirs; without one all is everybody's.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">
    /// Its address decides for which host names requests are answered; port and request length are settings of
    /// Kestrel, so the host sets them.
    /// </param>
    /// <exception cref="NoosException">The host of the options is no IP address.</exception>
    public static IServiceCollection AddNoosServer(this IServiceCollection services, ServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        options ??= new ServerOptions();
        _ = options.Address;
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new RequestTable(
            provider.GetRequiredService<TimeProvider>(), provider.GetService<AccountStore>()));
        services.TryAddSingleton(provider => new SpeechDevice(
            provider.GetService<IVoiceSource>() ?? NoVoices.Instance, provider.GetRequiredService<RequestTable>()));
        services.TryAddSingleton(provider => new MicrophoneDevice(
            provider.GetService<ISpeechToTextClient>()
                ?? (provider.GetService<EarSource>() is { } ears ? new EarSpeechToTextClient(ears) : null),
            provider.GetRequiredService<RequestTable>(), provider.GetRequiredService<Assistant>().Gate));
        services.TryAddSingleton<IEye>(_ => new LocalEye());
        services.TryAddSingleton(provider => new RequestRate(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new Authenticator(provider.GetService<AccountStore>(), options));
        services.TryAddSingleton(provider => new OpenConnections(
            provider.GetService<AccountStore>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new UploadStore(options, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new ResponseStore(
            options.ResponseFolder, options.Responses, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ModelPulls>();
        McpEndpoint.AddServices(services);
        return services.AddRoutingCore();
    }
}
