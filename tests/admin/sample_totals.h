// Totals with a number of its own in every place that is looked at.
#pragma once

#include "proxy/admin/facts.h"
#include "proxy/admin/totals.h"

namespace breakwater::proxy::test {

inline ServerFacts sample_facts() {
  ServerFacts facts;
  facts.version = "1.2.3";
  facts.service = "backend a\"b";
  facts.arithmetic = "adx";
  facts.listen = {"127.0.0.1:1", "[::1]:2"};
  facts.capacity = {8000.9, 500, 16000};
  facts.start_ms = 1000;
  return facts;
}

inline Totals sample_totals() {
  Totals totals;
  totals.at_ms = 61'500;
  totals.counters.accepted = 1001;
  totals.counters.open = 12;
  totals.counters.half_open = 5;
  totals.counters.buffers_most = 9;
  totals.handshakes_tls12 = {11, 12, 13};
  totals.handshakes_tls13 = {21, 22, 23};
  auto& evicted = totals.handshakes_failed[static_cast<std::size_t>(HandshakeEnd::Evicted)];
  evicted[index_of({})] = 31;
  evicted[index_of({Version::Tls12, {}})] = 32;
  evicted[index_of({Version::Tls13, HandshakeKind::Rsa})] = 33;
  evicted[index_of({Version::Tls12, HandshakeKind::Resumed})] = 34;
  totals.job_wait.counts[0] = 2;
  totals.job_wait.counts[2] = 3;
  totals.job_wait.counts.back() = 1;
  totals.job_wait.sum = 2'500'000;
  for (OperationTotals& operation : totals.operations) operation.name = "other";
  totals.operations[0] = {"P-256 sign", 41, {0, 0, 0, 0, 0, 0, 0, 42}};
  totals.workers = {{{1'500'000, 250'000}, 7, 3, 50}, {{500'000, 0}, 5, 2, 52}};
  totals.cpu = {2'000'000, 250'000};
  totals.failures = {{"bad \"record\"", "decode_error", 4}, {"line\nend", "", 1}};
  totals.guard.enabled = totals.guard.under_load = true;
  totals.guard.level = 0.25;
  totals.guard.queue_ms = 12.5;
  totals.guard.talkers = {{"name", "<b>\x1b[31m\xff.example", 100.5, 50.25, 0.125}};
  totals.guard.blocks = {{"192.0.2.0/24", 77, 3, true}};
  totals.guard.refusals = {{"address over its share", 1234}, {"blocked", 66}};
  return totals;
}

}  // namespace breakwater::proxy::test
