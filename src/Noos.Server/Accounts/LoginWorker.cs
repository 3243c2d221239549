using System.Globalization;
using Microsoft.AspNetCore.Http;
using Noos.Kernel.Accounts;
using Noos.Server.OpenAi;

namespace Noos.Server.Accounts;

/// <summary>
/// Checks passwords, which is slow by design: few at a time, and few per minute for each who tries, so that neither guessing nor the
/// checking itself can be used against the server. Thread-safe.
/// </summary>
sealed class LoginWorker(AccountStore accounts, RequestRate rate)
{
    const int MaxAtOnce = 2;

    // A person mistypes a few times; a program that guesses 10 per minute needs years for a poor password.
    const int PerMinuteAndName = 10;
    const int PerMinuteAndAddress = 30;

    readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, MaxAtOnce).ConcurrentScheduler;

    /// <returns>The account that the password opens; null where it opens none.</returns>
    /// <exception cref="ApiException">There were too many tries (429).</exception>
    public async Task<Account?> VerifyAsync(HttpContext http, string name, string password)
    {
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        RequireRate($"login {address}", PerMinuteAndAddress);
        RequireRate(string.Create(CultureInfo.InvariantCulture, $"login {address} {name.ToLowerInvariant()}"), PerMinuteAndName);

        // Not on the thread that reads requests.
        return await Task.Factory.StartNew(
            () => accounts.Verify(name, password), http.RequestAborted, TaskCreationOptions.DenyChildAttach, _turns);
    }

    void RequireRate(string who, int perMinute)
    {
        if (rate.Take(who, perMinute) is { } wait)
        {
            throw AccessGuard.TooMany("There were too many tries to log in", wait);
        }
    }
}
