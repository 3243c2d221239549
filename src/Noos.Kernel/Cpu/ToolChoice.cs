namespace Noos.Kernel.Cpu;

/// <summary>Whether a model may call tools.</summary>
/// <param name="Mode">May, may not, must.</param>
/// <param name="Name">The one tool that must be called; null for any.</param>
public sealed record ToolChoice(ToolChoiceMode Mode, string? Name = null)
{
    public static ToolChoice Auto { get; } = new(ToolChoiceMode.Auto);

    public static ToolChoice None { get; } = new(ToolChoiceMode.None);

    public static ToolChoice Required { get; } = new(ToolChoiceMode.Required);
}

/// <summary>See <see cref="ToolChoice"/>.</summary>
public enum ToolChoiceMode
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>No calls.</summary>
    None,

    /// <summary>The message begins with a call.</summary>
    Required,
}
