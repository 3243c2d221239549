namespace Noos.Kernel.Gate;

/// <summary>Where an address that a process wants to open comes from.</summary>
public enum AddressStanding
{
    /// <summary>Nobody named it: the model made it up, perhaps of what it has read.</summary>
    Unknown,

    /// <summary>
    /// It is a link that was seen, but so many of that source were followed already that the choice among them could spell something.
    /// </summary>
    Exhausted,

    /// <summary>A search returned it, or a page links to it.</summary>
    Linked,

    /// <summary>A person wrote it.</summary>
    Given,
}
