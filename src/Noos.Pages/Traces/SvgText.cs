using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Noos.Pages.Traces;

/// <summary>Text in a drawing: the element has the name of a directive of Razor, which would swallow it.</summary>
public sealed class SvgText : ComponentBase
{
    [Parameter, EditorRequired]
    public required string X { get; set; }

    [Parameter, EditorRequired]
    public required string Y { get; set; }

    /// <summary>Which end of the text is there: start, middle or end.</summary>
    [Parameter]
    public string Anchor { get; set; } = "start";

    [Parameter, EditorRequired]
    public required string Text { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "x", X);
        builder.AddAttribute(2, "y", Y);
        builder.AddAttribute(3, "text-anchor", Anchor);
        builder.AddContent(4, Text);
        builder.CloseElement();
    }
}
