namespace Noos.Inference.ToolCalls;

/// <summary>Whether the model may call tools.</summary>
public enum ToolChoice
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>No calls.</summary>
    None,

    /// <summary>The answer begins with a call.</summary>
    Required,
}
