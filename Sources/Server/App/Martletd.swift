import ArgumentParser
import CCrypto
import CPostgres

@main
struct Martletd: ParsableCommand {
  func run() { print(PQlibVersion(), PackageResources.M0001_accounts_and_messages_sql.count) }
}
