using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Noos.Core.Network;
using Noos.Core.Tools;
using Noos.Cpus;
using Noos.Cpus.ChatClients;
using Noos.Inference;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;

#pragma warning disable IDE0130 // Where callers have the namespace imported already.
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Noos in a host: one model for all.</summary>
public static class NoosServiceCollectionExtensions
{
    /// <summary>
    /// Registers the model of the options as <see cref="ICpu"/> and <see cref="IChatClient"/>, and with all <see cref="ITool"/>s of the
    /// services as <see cref="Assistant"/>, whose gate asks the <see cref="IApprover"/> of the services, if there is one. The model is
    /// opened when it is first asked for; what is registered already stays.
    /// </summary>
    public static IServiceCollection AddNoos(this IServiceCollection services, Action<NoosOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<NoosOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(provider =>
        {
            // The engine logs where the host logs, unless the options say otherwise.
            var chosen = provider.GetRequiredService<IOptions<NoosOptions>>().Value;
            chosen.Inference ??= new InferenceOptions { LoggerFactory = provider.GetService<ILoggerFactory>() };
            return chosen is { OtherModels: [], Fallbacks: [] }
                ? ModelSource.OpenCpu(chosen)
                : ModelSource.OpenPool(chosen, provider.GetService<TimeProvider>(), provider.GetService<ILogger<CpuPool>>());
        });

        // The container disposes the CPU that it made; nobody else may.
        services.TryAddSingleton<IChatClient>(provider => new CpuChatClient(provider.GetRequiredService<ICpu>(), ownsCpu: false));
        services.TryAddSingleton(provider => new EgressGuard(
            provider.GetRequiredService<IOptions<NoosOptions>>().Value.Egress, provider.GetService<TimeProvider>()));
        services.TryAddSingleton(provider => new Assistant(
            provider.GetRequiredService<ICpu>(),
            provider.GetServices<ITool>(),
            provider.GetRequiredService<IOptions<NoosOptions>>().Value.Limits,
            provider.GetService<IStepRecorder>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILogger<Assistant>>(),
            provider.GetRequiredService<IOptions<NoosOptions>>().Value.Policy,
            provider.GetService<IApprover>(),
            provider.GetRequiredService<EgressGuard>()));
        return services;
    }

    /// <summary>
    /// Adds the processes of a home to what <see cref="AddNoos"/> has registered: its <see cref="Journal"/>, which this program alone holds
    /// from then on, and the <see cref="ProcessTable"/> and <see cref="TimerTable"/> over it. Whoever starts calls
    /// <see cref="ProcessTable.RecoverAsync()"/>, then <see cref="TimerTable.Start"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="home">The folder; made if it is not there.</param>
    public static IServiceCollection AddNoosProcesses(this IServiceCollection services, string home)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(home);
        services.TryAddSingleton(provider => Journal.Open(
            home, provider.GetService<TimeProvider>(), provider.GetService<ILoggerFactory>()?.CreateLogger<Journal>()));
        services.TryAddSingleton(provider =>
        {
            var assistant = provider.GetRequiredService<Assistant>();
            return new ProcessTable(
                provider.GetRequiredService<Journal>(), assistant.Cpu, assistant.Gate, assistant.Tools, provider.GetService<TimeProvider>(),
                provider.GetService<ILoggerFactory>()?.CreateLogger<ProcessTable>(),
                provider.GetRequiredService<IOptions<NoosOptions>>().Value.Processes with
                {
                    HasOptionalTools = assistant.HasOptionalTools,
                });
        });
        services.TryAddSingleton(provider => new TimerTable(
            provider.GetRequiredService<ProcessTable>(), provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger<TimerTable>()));
        return services;
    }
}
