import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { CreateInvoiceDto } from './dto/create-invoice.dto';
import { Invoice } from './invoice.entity';

@Injectable()
export class InvoicesService {
  constructor(@InjectRepository(Invoice) private readonly repository: Repository<Invoice>) {}

  list(userId: string) {
    return this.repository.find({ where: { userId } });
  }

  async find(id: string, userId: string) {
    const invoice = await this.repository.findOne({ where: { id, userId } });
    if (!invoice) throw new NotFoundException();
    return invoice;
  }

  create(dto: CreateInvoiceDto, userId: string) {
    return this.repository.save({ amount: dto.amount, customer: dto.customer, userId });
  }

  async update(id: string, dto: CreateInvoiceDto, userId: string) {
    await this.find(id, userId);
    return this.repository.update({ id, userId }, { amount: dto.amount, customer: dto.customer });
  }

  remove(id: string) {
    return this.repository.delete({ id });
  }
}
