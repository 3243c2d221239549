using Noos.Core.Conversations;

namespace Noos.Tools.Lessons;

/// <summary>Something to ask for that needs a tool.</summary>
/// <param name="Group">The part of the examination.</param>
/// <param name="Question">What the user says.</param>
/// <param name="Tool">What is to be called.</param>
/// <param name="Argument">The name of its only argument.</param>
/// <param name="Value">What the argument is.</param>
/// <param name="Result">What the tool answers.</param>
/// <param name="Answer">What is said of it.</param>
/// <param name="Accepts">Whether another value does as well.</param>
sealed record ToolRequest(
    string Group, string Question, string Tool, string Argument, string Value, ToolResultPart Result, string Answer, Func<string,
        bool> Accepts);
