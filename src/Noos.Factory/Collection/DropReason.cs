using System.Text.Json.Serialization;

namespace Noos.Factory.Collection;

/// <summary>Why something that was taught is not learned.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DropReason>))]
public enum DropReason
{
    /// <summary>Its person has not agreed.</summary>
    NoConsent,

    /// <summary>It has, or repeats, what others wrote: web pages, files, services.</summary>
    Untrusted,

    /// <summary>Its rater fails known items, or contradicts themselves.</summary>
    Unreliable,

    /// <summary>It has a known answer, and served to know its rater.</summary>
    Known,

    /// <summary>It shows something that an examination asks.</summary>
    Examination,

    /// <summary>The same, or nearly, is there already.</summary>
    Duplicate,

    /// <summary>Its rater has given as much as one may in that week.</summary>
    OverLimit,
}
