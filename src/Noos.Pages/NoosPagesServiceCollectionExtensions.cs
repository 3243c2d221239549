using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Noos.Core.Facts;
using Noos.Cpus.Library;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;
using Noos.Pages.Memory;
using Noos.Pages.Models;
using Noos.Pages.Monitoring;
using Noos.Pages.Sidebar;
using Noos.Server.Pulls;

namespace Noos.Pages;

/// <summary>Adds what <see cref="NoosPagesEndpointRouteBuilderExtensions.MapNoosPages"/> needs.</summary>
public static class NoosPagesServiceCollectionExtensions
{
    // What a person types or pastes comes to the server in one message of the connection.
    const long MaxTypedLength = 4 << 20;

    /// <summary>Adds the pages of the host's assistant and processes.</summary>
    public static IServiceCollection AddNoosPages(this IServiceCollection services, PagesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        options ??= new PagesOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(provider => new PageProcesses(options.Processes ?? provider.GetService<ProcessTable>()));
        services.AddSingleton(provider => new PageFacts(provider.GetService<IFactStore>()));
        services.AddSingleton<FactWatch>();
        services.AddSingleton<PageAssets>();
        services.AddSingleton(new ConversationMarks(options.Home));
        services.AddSingleton<ConversationList>();
        services.AddScoped<PageVisitor>();
        services.AddSingleton<SystemWatch>();
        services.AddScoped<ProcessControl>();
        services.TryAddSingleton(new ModelReporter());
        services.AddSingleton(new ModelDefaults(options.Home));
        services.TryAddSingleton<ModelPulls>();
        services.AddSingleton<ModelComparisons>();
        // Keys of descriptors inside a page: with a new server the page is loaded anew, so nothing needs to outlive this one.
        services.AddDataProtection();
        services.Configure<KeyManagementOptions>(
            keys => (keys.XmlRepository, keys.XmlEncryptor) = (new PassingKeys(), new NullXmlEncryptor()));
        services.AddRazorComponents()
            .AddInteractiveServerComponents()
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = MaxTypedLength);
        services.AddSingleton<IAntiforgery, NoAntiforgery>();
        return services;
    }
}
