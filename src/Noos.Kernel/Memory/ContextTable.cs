using System.Text.Json.Serialization;
using Noos.Core.Conversations;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Memory;

/// <summary>The page table of a process: what its model would read if it ran now, and what is paged out.</summary>
/// <param name="Process">Whose.</param>
/// <param name="Model">Who counts; null where nobody does.</param>
/// <param name="Pages">All pages, in the order of the conversation.</param>
public sealed record ContextTable(long Process, string? Model, IReadOnlyList<ContextPage> Pages)
{
    /// <summary>The size of the window, prompt and answer together; null where it is not known.</summary>
    public int? WindowTokens { get; init; }

    /// <summary>Exactly what the engine would count; null where nobody can count.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Those of them that belong to no page: markup, declarations of tools.</summary>
    public int? LayoutTokens { get; init; }

    /// <summary>Tokens of pages and pieces that are not shown.</summary>
    public long? PagedOutTokens { get; init; }

    /// <summary>Why nothing is counted, or why the conversation cannot be read; null where all is well.</summary>
    public string? Problem { get; init; }
}

/// <summary>A page of the context: one part of one message.</summary>
/// <param name="Page">Its number, from 1: it never changes.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Role">Who said it.</param>
/// <param name="Mark">What a person has decided about it.</param>
public sealed record ContextPage(
    int Page, PageKind Kind, [property: JsonConverter(typeof(SnakeCaseEnumConverter<Role>))] Role Role, PageMark Mark)
{
    /// <summary>With which question of the process it came, from 1; 0 for what was there before.</summary>
    public int Turn { get; init; }

    /// <summary>The event with which it came; null for the instructions.</summary>
    public long? Event { get; init; }

    /// <summary>The tool or the file; null for neither.</summary>
    public string? Name { get; init; }

    /// <summary>How much of it the model is shown; null where nobody knows.</summary>
    public PageState? State { get; init; }

    /// <summary>Of its content; null where nobody can count.</summary>
    public int? Tokens { get; init; }

    /// <summary>So many tokens of the prompt are its: fewer than its own, those of a stub or none, where it is paged out.</summary>
    public int? ShownTokens { get; init; }

    /// <summary>Its beginning, on one line.</summary>
    public string Preview { get; init; } = "";
}
