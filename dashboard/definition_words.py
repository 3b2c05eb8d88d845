"""What each measure means in words, and its formula, for people. Exact definitions are in :mod:`city.metrics`."""

from city.texts import N_

MEANINGS = {
    "opened": N_("Kasus yang masuk dalam periode."),
    "closed": N_("Kasus yang ditutup dalam periode, selesai atau ditolak."),
    "on_time_ratio": N_(
        "Bagian kasus yang ditutup sebelum tenggatnya, dari yang ditutup dalam periode dan bertenggat."
    ),
    "rejected_ratio": N_("Bagian kasus yang ditolak, dari semua yang ditutup dalam periode."),
    "time_to_close": N_("Lama dari masuk sampai ditutup, dari kasus yang ditutup dalam periode."),
    "stage_time": N_("Lama antara dua tahap, dari kasus yang mencapai tahap kedua dalam periode."),
    "first_response": N_("Lama dari masuk sampai tindakan pertama, dari kasus yang pertama ditindak dalam periode."),
    "reopened": N_("Kasus yang dibuka lagi setelah ditutup."),
    "open": N_("Kasus yang sudah masuk dan belum ditutup saat itu."),
    "overdue": N_("Kasus terbuka yang tenggatnya sudah lewat saat itu."),
    "due_soon": N_("Kasus terbuka yang tenggatnya segera tiba."),
    "oldest_open": N_("Umur kasus terbuka yang paling lama."),
    "latest": N_("Nilai terakhir dari setiap tempat, dijumlahkan; rasio dan lama dirata-ratakan."),
    "sum": N_("Jumlah semua nilai dalam periode."),
    "mean": N_("Rata-rata semua nilai dalam periode."),
    "ratio": N_("Satu jumlah dibagi jumlah lain dalam periode."),
}
FORMULAS = {
    "opened": N_("banyaknya kasus dengan opened_at dalam periode"),
    "closed": N_("banyaknya kasus dengan closed_at dalam periode"),
    "on_time_ratio": N_("ditutup dengan closed_at ≤ due_at ÷ semua yang ditutup dan punya due_at"),
    "rejected_ratio": N_("ditutup sebagai ditolak ÷ semua yang ditutup"),
    "time_to_close": N_("closed_at − opened_at"),
    "stage_time": N_("tahap kedua − tahap pertama"),
    "first_response": N_("tindakan pertama − opened_at"),
    "reopened": N_("kasus dengan kejadian dalam periode setelah penutupan"),
    "open": N_("opened_at ≤ saat itu dan belum ada closed_at"),
    "overdue": N_("terbuka dan due_at ≤ saat itu"),
    "due_soon": N_("terbuka dan due_at segera setelah saat itu"),
    "oldest_open": N_("saat itu − opened_at terkecil yang terbuka"),
    "latest": N_("jumlah nilai terakhir"),
    "sum": N_("jumlah nilai"),
    "mean": N_("jumlah nilai ÷ banyaknya nilai"),
    "ratio": N_("pembilang ÷ penyebut"),
}
