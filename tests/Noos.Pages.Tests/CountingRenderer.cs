using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.JSInterop;

#pragma warning disable BL0006 // What a drawing costs is only seen in these types; where they change, the test does.

namespace Noos.Pages.Tests;

/// <summary>
/// Draws components as a circuit does, and counts what it would send to its browser: how many components were drawn, how many edits of the
/// page that made, and how many characters of text they carry.
/// </summary>
sealed class CountingRenderer(IServiceProvider services) : Renderer(services, NullLoggerFactory.Instance)
{
    public override Dispatcher Dispatcher { get; } = Dispatcher.CreateDefault();

    public int Components { get; private set; }

    public int Edits { get; private set; }

    public int Characters { get; private set; }

    /// <summary>Services that every component may ask for.</summary>
    public static IServiceCollection Services() => new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(new PagesOptions())
        .AddSingleton<IJSRuntime, NoScript>()
        .AddSingleton<NavigationManager, FixedAddress>();

    /// <summary>Draws a page that consists of one component.</summary>
    public Task<T> DrawAsync<T>(Dictionary<string, object?>? parameters = null)
        where T : IComponent => Dispatcher.InvokeAsync(async () =>
        {
            var component = (T)InstantiateComponent(typeof(T));
            await RenderRootComponentAsync(AssignRootComponentId(component), ParameterView.FromDictionary(parameters ?? []));
            return component;
        });

    /// <summary>Counts from nothing again.</summary>
    public void Reset() => (Components, Edits, Characters) = (0, 0, 0);

    /// <summary>Waits until all that was asked of it is drawn.</summary>
    public Task SettleAsync() => Dispatcher.InvokeAsync(() => { });

    protected override void HandleException(Exception exception) => ExceptionDispatchInfo.Throw(exception);

    protected override Task UpdateDisplayAsync(in RenderBatch renderBatch)
    {
        Components += renderBatch.UpdatedComponents.Count;
        for (var i = 0; i < renderBatch.UpdatedComponents.Count; i++)
        {
            Edits += renderBatch.UpdatedComponents.Array[i].Edits.Count;
        }

        for (var i = 0; i < renderBatch.ReferenceFrames.Count; i++)
        {
            var frame = renderBatch.ReferenceFrames.Array[i];
            Characters += frame.FrameType switch
            {
                RenderTreeFrameType.Text => frame.TextContent.Length,
                RenderTreeFrameType.Markup => frame.MarkupContent.Length,
                RenderTreeFrameType.Attribute => (frame.AttributeValue as string)?.Length ?? 0,
                _ => 0,
            };
        }

        return Task.CompletedTask;
    }

    sealed class NoScript : IJSRuntime
    {
        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => default;

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) => default;
    }

    sealed class FixedAddress : NavigationManager
    {
        public FixedAddress() => Initialize("http://localhost/", "http://localhost/");

        protected override void NavigateToCore(string uri, NavigationOptions options)
        {
        }
    }
}
