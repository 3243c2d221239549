namespace Noos.Kernel.Cpu;

/// <summary>Why a model ended its message, in OpenAI's words.</summary>
public static class FinishReasons
{
    public const string Stop = "stop";
    public const string Length = "length";
    public const string ToolCalls = "tool_calls";
}
