"""The simulated Kota Jambi's fixed facts: districts, categories, offices, health care and daily rhythms.

District centres are real; the hospitals are invented, and their names say so.
"""

from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Jakarta")

#: name, lat, lon, weight (roughly by population)
DISTRICTS = (
    ("Telanaipura", -1.59506, 103.56253, 9), ("Jambi Selatan", -1.62169, 103.63093, 10),
    ("Jambi Timur", -1.58281, 103.63559, 11), ("Pasar Jambi", -1.59450, 103.61402, 3),
    ("Pelayangan", -1.56490, 103.62194, 2), ("Danau Teluk", -1.57171, 103.59289, 2),
    ("Kota Baru", -1.65442, 103.60261, 14), ("Jelutung", -1.61667, 103.61326, 10),
    ("Alam Barajo", -1.64840, 103.55744, 18), ("Danau Sipin", -1.60144, 103.59404, 7),
    ("Paal Merah", -1.62710, 103.65143, 15),
)  # fmt: skip
#: code, name, agency, promise in hours, weight
CATEGORIES = (
    ("jalan", "Jalan berlubang", "PUPR", 72, 20),
    ("drainase", "Drainase tersumbat", "PUPR", 72, 12),
    ("sampah", "Sampah menumpuk", "DLH", 24, 24),
    ("lampu_jalan", "Lampu jalan padam", "Dishub", 48, 18),
    ("air_bersih", "Air tidak mengalir", "Tirta Mayang", 48, 8),
    ("parkir", "Parkir liar", "Dishub", 24, 6),
    ("pelayanan_umum", "Pelayanan umum", "Setda", 48, 6),
    ("lampu_lalu_lintas", "Lampu lalu lintas mati", "Dishub", 24, 3),
    ("banjir", "Genangan dan banjir", "PUPR", 24, 3),
)
#: office, weight
OFFICES = (
    ("PUPR", 34), ("Setda", 31), ("Dinkes", 28), ("Disdik", 24), ("DLH", 19), ("Dishub", 12), ("Dukcapil", 11),
    ("Diskominfo", 9), ("Bappeda", 8), ("Dinsos", 8), ("Satpol PP", 8), ("BPBD", 7), ("Damkar", 6), ("BPKAD", 12),
    ("Inspektorat", 7), ("DPMPTSP", 9), ("Disperindag", 7), ("Disnaker", 6), ("Disbudpar", 6), ("BKPSDM", 10),
)  # fmt: skip
KINDS = (("nota_dinas", 46), ("surat_dinas", 24), ("undangan", 17), ("surat_tugas", 13))
URGENCIES = (("biasa", 70), ("segera", 24), ("amat_segera", 6))
#: About three of a day's 41 calls are real emergencies.
OUTCOMES = (("darurat", 7.5), ("informasi", 14), ("prank", 22), ("ghost", 24.5), ("terputus", 32))
#: invented hospital, beds
HOSPITALS = (
    ("RS Simulasi Melati", 310), ("RS Simulasi Anggrek", 180), ("RS Simulasi Kenanga", 140), ("RS Simulasi Dahlia", 92),
)  # fmt: skip
#: invented primary care
PUSKESMAS = ("Puskesmas Simulasi Rambutan", "Puskesmas Simulasi Duku")
#: BPJS code, clinic, weight
CLINICS = (
    ("INT", "PENYAKIT DALAM", 9), ("ANA", "ANAK", 6), ("OBG", "OBGYN", 5), ("BED", "BEDAH", 4), ("MAT", "MATA", 4),
    ("SAR", "SARAF", 3), ("JAN", "JANTUNG", 5),
)  # fmt: skip
#: code of the class, its name, code of the room, its name, share of the hospital's beds
ROOMS = (
    ("VIP", "VIP", "A1", "Ruang Simulasi A1", 0.10), ("KL1", "KELAS I", "B1", "Ruang Simulasi B1", 0.20),
    ("KL2", "KELAS II", "B2", "Ruang Simulasi B2", 0.25), ("KL3", "KELAS III", "C1", "Ruang Simulasi C1", 0.20),
    ("KL3", "KELAS III", "C2", "Ruang Simulasi C2", 0.20), ("ICU", "ICU", "I1", "Ruang Simulasi I1", 0.05),
)  # fmt: skip
#: Share of a day's arrivals by hour: quiet nights, a peak before noon; memos come in office hours, calls at any.
HOURS = {
    "complaints": (1, 1, 0, 0, 1, 3, 6, 9, 11, 12, 11, 9, 7, 8, 8, 7, 6, 5, 5, 5, 4, 3, 2, 1),
    "memos": (0, 0, 0, 0, 0, 0, 0, 4, 14, 17, 16, 11, 5, 13, 12, 7, 1, 0, 0, 0, 0, 0, 0, 0),
    "calls": (4, 3, 2, 2, 2, 3, 4, 5, 5, 6, 6, 6, 5, 5, 6, 6, 7, 7, 7, 8, 7, 6, 6, 5),
}
